//! The units that a spec is written in: exact numbers, quantities, durations, schedules, time zones and names.
//! Every parser takes text and says in one phrase what is wrong with it; it knows no file, no span and no other module,
//! so the caller adds the place. Nothing here computes capacity, and nothing here uses a float.

pub mod aws;
pub mod cron;
pub mod duration;
pub mod exact;
pub mod expression;
pub mod kubernetes;
pub mod moment;
pub mod prometheus;
pub mod quantity;
pub mod url;
pub mod zone;

#[cfg(test)]
mod tests;

/// The text in backticks as messages show it: on one line, control characters escaped, cut after 80 characters.
fn quoted(text: &str) -> String {
    let mut shown = String::from("`");
    for (index, character) in text.chars().enumerate() {
        if index == 80 {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown.push('`');
    shown
}
