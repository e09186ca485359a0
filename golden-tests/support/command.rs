//! The lines of a `cmd` file. The language is small on purpose: it is no shell.
//!
//! Words are split at blanks; `'…'` and `"…"` keep blanks, and nothing is expanded. `#` at the start of a line is a
//! comment.

/// One line of a `cmd` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Starts a program, with its output kept.
    Run(Run),
    /// `write FILE LINE…`: the file holds exactly these lines.
    Write { file: String, lines: Vec<String> },
    /// `append FILE LINE…`: the lines are added at the end.
    Append { file: String, lines: Vec<String> },
    /// `edit FILE OLD NEW`: replaces a text that occurs once.
    Edit { file: String, old: String, new: String },
    /// `remove PATH`: a file, a link or a folder.
    Remove { path: String },
    /// `move FROM TO`.
    Move { from: String, to: String },
    /// `link TARGET NAME`: a symbolic link.
    Link { target: String, name: String },
}

/// A program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) program: Program,
    /// The assignments in front of the program's name.
    pub(crate) variables: Vec<(String, String)>,
    /// The folder to run in, below the case's: the assignment `PWD=folder`.
    pub(crate) folder: String,
    pub(crate) arguments: Vec<String>,
    /// `< FILE`: what is read from standard input; nothing otherwise.
    pub(crate) input: Option<String>,
    /// `> FILE`: where standard output goes instead of the case's `stdout`.
    pub(crate) output: Option<String>,
}

/// The programs that a case may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// The binary under test.
    Capgen,
    /// To build a history for `--against git:REF`. It must succeed, and its output is not looked at.
    Git,
}

impl Step {
    /// The paths that the case itself changes by this step. capgen is not held responsible for them.
    pub(crate) fn touches(&self) -> Vec<&str> {
        match self {
            Self::Run(run) => run.output.as_deref().into_iter().collect(),
            Self::Write { file, .. } | Self::Append { file, .. } | Self::Edit { file, .. } => vec![file],
            Self::Remove { path } => vec![path],
            Self::Move { from, to } => vec![from, to],
            Self::Link { name, .. } => vec![name],
        }
    }

    /// Whether the step asks for colours, so that escape codes are no mistake.
    pub(crate) fn wants_colour(&self) -> bool {
        let Self::Run(run) = self else { return false };
        let asked = |pair: &[String]| pair[0] == "--color" && pair[1] == "always";
        run.arguments.iter().any(|it| it == "--color=always")
            || run.arguments.windows(2).any(asked)
            || run.variables.iter().any(|(name, _)| name == "CLICOLOR_FORCE" || name == "CAPGEN_COLOR")
    }
}

/// Reads a `cmd` file.
pub(crate) fn parse(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            let step = words(line).and_then(|words| step(&words));
            steps.push(step.map_err(|error| format!("cmd:{}: {error}: `{line}`", index + 1))?);
        }
    }
    match steps.iter().any(|step| matches!(step, Step::Run(run) if run.program == Program::Capgen)) {
        true => Ok(steps),
        false => Err("cmd: no line starts capgen".to_owned()),
    }
}

/// A word, and whether any of it stood in quotes.
#[derive(Debug, PartialEq, Eq)]
struct Word {
    text: String,
    is_quoted: bool,
}

fn step(words: &[Word]) -> Result<Step, String> {
    let texts: Vec<String> = words.iter().map(|word| word.text.clone()).collect();
    let Some((verb, arguments)) = texts.split_first() else { return Err("an empty command".to_owned()) };
    Ok(match (verb.as_str(), arguments) {
        ("write", [file, lines @ ..]) => Step::Write { file: file.clone(), lines: lines.to_vec() },
        ("append", [file, lines @ ..]) => Step::Append { file: file.clone(), lines: lines.to_vec() },
        ("edit", [file, old, new]) => Step::Edit { file: file.clone(), old: old.clone(), new: new.clone() },
        ("remove", [path]) => Step::Remove { path: path.clone() },
        ("move", [from, to]) => Step::Move { from: from.clone(), to: to.clone() },
        ("link", [target, name]) => Step::Link { target: target.clone(), name: name.clone() },
        ("write" | "append" | "edit" | "remove" | "move" | "link", _) => {
            return Err("wrong number of arguments".to_owned());
        }
        _ => Step::Run(run(words)?),
    })
}

fn run(words: &[Word]) -> Result<Run, String> {
    let mut words = words.iter();
    let mut variables = Vec::new();
    let mut folder = String::new();
    let program = loop {
        let word = words.next().ok_or("assignments but no program")?;
        match (word.text.as_str(), word.text.split_once('=')) {
            ("capgen", _) => break Program::Capgen,
            ("git", _) => break Program::Git,
            (_, Some(("PWD", value))) => value.clone_into(&mut folder),
            (_, Some((name, value))) if is_variable(name) => variables.push((name.to_owned(), value.to_owned())),
            (other, _) => return Err(format!("`{other}` is neither a program nor a verb of a case")),
        }
    };
    let (mut arguments, mut input, mut output) = (Vec::new(), None, None);
    while let Some(word) = words.next() {
        let slot = match (word.text.as_str(), word.is_quoted) {
            ("<", false) => &mut input,
            (">", false) => &mut output,
            ("|" | "&&" | ";" | ">>", false) => return Err(format!("`{}` is not known here", word.text)),
            (text, _) => {
                arguments.push(text.to_owned());
                continue;
            }
        };
        *slot = Some(words.next().ok_or("a file is missing at the end")?.text.clone());
    }
    Ok(Run { program, variables, folder, arguments, input, output })
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Splits a line at blanks outside of quotes.
fn words(line: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote: Option<char> = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), it) if it == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert(Word { text: String::new(), is_quoted: true }).is_quoted = true;
            }
            (None, it) if it.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert(Word { text: String::new(), is_quoted: false }).text.push(character),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}
