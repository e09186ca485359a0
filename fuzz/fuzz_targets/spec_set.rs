//! A good spec with any environment and any `--set` flags: the first line names the environment, each other line is a
//! flag.
#![no_main]

use capgen_fuzz::Memory;

/// All tables of the language, and an environment `staging`.
const BASE: &str = include_str!("../base.toml");

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let env = lines.next().filter(|it| !it.is_empty());
    let set: Vec<String> = lines.filter(|it| !it.is_empty()).map(str::to_owned).collect();
    let is_good = capgen_fuzz::compile(&Memory::new(BASE), env, &set);
    // The first input of every run: a base that does not build would hide all that lies behind the parser.
    assert!(is_good || !text.is_empty(), "the base must build");
});
