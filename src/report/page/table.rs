//! Tables: a caption, a head, rows whose first cell names them. A wide one scrolls for itself, by keyboard too.

/// What a column holds, and its title.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Text(&'static str),
    /// Several words.
    Words(&'static str),
    Number(&'static str),
}

impl Column {
    fn cell(self, tag: &str, scope: &str, content: &str) -> String {
        let class = match self {
            Self::Text(_) => "",
            Self::Words(_) => " class=\"wide\"",
            Self::Number(_) => " class=\"number\"",
        };
        format!("<{tag}{scope}{class}>{content}</{tag}>")
    }

    fn title(self) -> &'static str {
        match self {
            Self::Text(title) | Self::Words(title) | Self::Number(title) => title,
        }
    }
}

/// A table; cells are HTML. `id` is unique on the page.
pub(super) fn table(id: &str, caption: &str, columns: &[Column], rows: &[Vec<String>]) -> String {
    let head: String = columns.iter().map(|it| it.cell("th", " scope=\"col\"", it.title())).collect();
    let row = |cells: &Vec<String>| {
        let cells = columns.iter().zip(cells).enumerate().map(|(index, (column, content))| match index {
            0 => column.cell("th", " scope=\"row\"", content),
            _ => column.cell("td", "", content),
        });
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let body: String = rows.iter().map(row).collect();
    format!(
        "<div class=\"scroll\" role=\"region\" aria-labelledby=\"{id}\" tabindex=\"0\">\n<table>\n\
         <caption id=\"{id}\"><span>{caption}</span></caption>\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n</table>\n</div>\n"
    )
}
