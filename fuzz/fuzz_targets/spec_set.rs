//! A good spec with any environment and any `--set` flags: the first line names the environment, each other line is a
//! flag.
#![no_main]

use capgen_fuzz::Memory;

/// All tables of the language, and an environment `staging`.
const BASE: &str = include_str!("../base.toml");

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let env = lines.next().filter(|it| !it.is_empty());
    let set: Vec<String> = lines.map(str::to_owned).collect();
    capgen_fuzz::compile(&Memory::new(BASE), env, &set);
});
