//! Every number that was computed or pinned, and how: folded away, for those who want to check.

use crate::doc::markup::{grouped, html};
use crate::why::{Address, Origin, Why};

use super::table::{Column, table};
use super::{Page, Section, code};

pub(super) fn section(page: &Page<'_>) -> Section {
    let mut body = String::new();
    for (index, name) in page.model.causes.tables().enumerate() {
        let own = page.model.causes.iter().filter(|(address, _)| address.table() == name);
        let rows: Vec<Vec<String>> = own.filter_map(|(address, why)| row(address, why, page)).collect();
        if rows.is_empty() {
            continue;
        }
        let columns =
            [Column::Text("Number"), Column::Number("Value"), Column::Words("Formula, or where it is pinned")];
        let caption = format!("Numbers of {}", code(name));
        let table = table(&format!("numbers-{index}"), &caption, &columns, &rows);
        body.push_str(&format!("<details>\n<summary>{}</summary>\n{table}</details>\n", code(name)));
    }
    Section { id: "numbers", title: "How each number was computed", body }
}

fn row(address: &Address, why: Why<'_>, page: &Page<'_>) -> Option<Vec<String>> {
    let how = match (why.origin, page.model.causes.asked(address)) {
        (Origin::Formula { symbolic, numbers }, _) => format!("{}<small>{}</small>", html(&symbolic), html(numbers)),
        (Origin::Written(span), Some(asked)) => {
            let asked = grouped(asked.value);
            format!("pinned at {}; the model asks for {}", code(&page.sources.place(span)), html(&asked))
        }
        _ => return None,
    };
    Some(vec![code(address.as_str()), html(&grouped(why.value)), how])
}
