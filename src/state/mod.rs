//! What is there now, read from where the person says: a folder, a file, a revision, a cluster.
//!
//! It is one of the two places that do I/O (the other is the edge), and it only reads.
