//! What tags become, and what no bytes can bring about.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::model::Word;

const LANGUAGES: [TemplateLanguage; 2] = [TemplateLanguage::Erb, TemplateLanguage::Jinja];
const KINDS: [FileKind; 3] = [FileKind::Puma, FileKind::Systemd, FileKind::Monit];

/// The masked text, with `◦` for each hole.
fn masked(text: &str, kind: FileKind) -> String {
    let language = if text.contains("<%") { TemplateLanguage::Erb } else { TemplateLanguage::Jinja };
    let template = mask(text.as_bytes(), language, kind, &mut Holes::default());
    assert_eq!(template.masked.len(), text.len(), "{text}");
    let word = Word::plain(String::from_utf8(template.masked).unwrap(), 0);
    word.text().chars().map(|c| if crate::model::hole::is_hole(c) { '◦' } else { c }).collect()
}

fn ruby(text: &str) -> String {
    let masked = masked(text, FileKind::Puma);
    masked.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_value_is_a_hole_wherever_it_stands() {
    for (text, want) in [
        ("threads <%= a %>, <%=b%>", "threads ◦, ◦"),
        ("pidfile \"<%= fetch(:x) -%>/a.pid\"", "pidfile \"◦/a.pid\""),
        ("port {{x}}", "port ◦"),
        ("port {{- x | default(\"}}\") -}}", "port ◦"),
        ("port {{ {'a': {'b': 1}}['a'] }}", "port ◦"),
        ("a <%= \"%%>\" %> b", "a ◦ b"),
        ("bind :<%= x %>_<%= y %>", "bind :◦_◦"),
        ("<%= 'preload_app!' if x %>", "◦"),
        ("a <%# <%= x %> b", "a              b"),
    ] {
        assert_eq!(ruby(text), want, "{text}");
    }
}

#[test]
fn conditions_and_loops_are_rubys_own_in_ruby() {
    for (text, want) in [
        ("<% if x %>\nport 1\n<% else %>\nport 2\n<% end %>\n", "if ◦;\nport 1\n;else;\nport 2\n;end;"),
        ("  <%- if x -%>\nport 1\n  <%- end -%>", "  if ◦;\nport 1\n  ;end;"),
        ("<% unless x %>\na\n<% elsif y %>\nb\n<% end %>", "if ◦;\na\n;elsif ◦;\nb\n;end;"),
        ("<% xs.each do |x| %>\na\n<% end %>", "if ◦;\na\n;end;"),
        ("<% xs.each { |x| %>\na\n<% } %>", "if ◦;\na\n;end;"),
        ("{% for x in xs %}\na\n{% endfor %}", "if ◦;\na\n;end;"),
        ("{%if x%}\na\n{%endif%}", "if ◦;\na\n;end;"),
        ("<% if x %>a<% end %>", "if ◦;  a;end;"),
        ("threads <% if x %>1<% else %>2<% end %>, 3", "threads ◦, 3"),
        ("<% x = 1 %>\na\n<% y if z %>", "\na\n"),
        ("{# no #}\n{% set x = 1 %}\na", "\n\na"),
        ("{% raw %}\n{{ x }}\n{% endraw %}", "\n{{ x }}\n"),
        ("<% if x %>\na", "\na"),
        ("a\n<% end %>", "a\n"),
    ] {
        assert_eq!(ruby(text).trim_end(), want.trim_end(), "{text}");
    }
}

#[test]
fn elsewhere_they_are_blank_and_what_they_enclose_is_a_region() {
    let text = "[Service]\n{% if x %}\nType=notify\n{% endif %}\n{{ more }}\nUser=<{{ u }}>\n";
    assert_eq!(
        masked(text, FileKind::Systemd),
        "[Service]\n          \nType=notify\n           \n          \nUser=<◦>\n"
    );
    let template = mask(text.as_bytes(), TemplateLanguage::Jinja, FileKind::Systemd, &mut Holes::default());
    assert!(template.adds_lines);
    let at = text.find("Type").unwrap();
    assert_eq!(template.region(Span::at(at)).unwrap().opening, "{% if x %}");
    assert_eq!(template.region(Span::at(text.find("User").unwrap())), None);
}

#[test]
fn an_argument_on_a_line_of_its_own_is_no_line_of_its_own() {
    let text = "ExecStart=/bin/puma \\\n  {{ args }}\nX={{ y }}\n";
    assert_eq!(masked(text, FileKind::Systemd), "ExecStart=/bin/puma \\\n  ◦\nX=◦\n");
}

#[test]
fn equal_words_of_one_language_are_one_hole() {
    let mut holes = Holes::default();
    let mut hole = |text: &str, language| {
        let template = mask(text.as_bytes(), language, FileKind::Monit, &mut holes);
        Word::plain(String::from_utf8(template.masked).unwrap(), 0).text().to_owned()
    };
    let spaced = hole("a <%= fetch(:x) %>", TemplateLanguage::Erb);
    assert_eq!(spaced, hole("a <%=fetch(:x)%>", TemplateLanguage::Erb));
    assert_eq!(spaced, hole("a <%=\nfetch(:x)\n-%>", TemplateLanguage::Erb));
    assert_ne!(spaced, hole("a <%= fetch(:y) %>", TemplateLanguage::Erb));
    assert_ne!(spaced, hole("a {{ fetch(:x) }}", TemplateLanguage::Jinja));
    assert_eq!(holes.reveal(&spaced), "a <%= fetch(:x) %>");
}

#[test]
fn only_tags_outside_of_comments_make_a_file_a_template() {
    use FileKind::{Lock, Monit, Puma, Systemd};
    use TemplateLanguage::{Erb, Jinja};
    for (text, kind, want) in [
        ("port <%= x %>", Puma, Some(Erb)),
        ("# <%= x %>\nport 1", Puma, None),
        ("; {{ x }}", Systemd, None),
        ("x = {{ a: 1 } => 2}", Puma, None),
        ("[1].map {{}}", Puma, None),
        ("a.map {%w[a b]}", Puma, None),
        ("a <<%w[x]", Puma, None),
        ("bind \"{{ deploy_to }}/x\"", Puma, Some(Jinja)),
        ("{% if x %}", Puma, Some(Jinja)),
        ("User={{ user }}", Systemd, Some(Jinja)),
        ("ExecStart=/bin/x {{.Name}}", Systemd, Some(Jinja)),
        ("Environment=A={{", Systemd, None),
        ("check process <%= x %>", Monit, Some(Erb)),
        ("<%= x %>", Lock, None),
        ("upload! StringIO.new('<%= x %>')", FileKind::Capistrano, None),
        ("port 1", Puma, None),
    ] {
        assert_eq!(told_by_content(kind, text.as_bytes()), want, "{text}");
    }
}

#[test]
fn a_span_touches_a_tag_that_it_shares_a_byte_with() {
    let text = "ab<%= x %>cd<% y %>";
    let template = mask(text.as_bytes(), TemplateLanguage::Erb, FileKind::Monit, &mut Holes::default());
    for (from, to, want) in [
        (0, 2, false),
        (0, 3, true),
        (2, 10, true),
        (5, 6, true),
        (9, 11, true),
        (10, 12, false),
        (10, 13, true),
        (0, 19, true),
        (5, 5, true),
        (1, 1, false),
    ] {
        assert_eq!(template.touches(Span::new(from, to)), want, "{from}..{to}");
    }
}

#[test]
fn hostile_templates_take_no_time() {
    let large = |text: &str| text.repeat((1 << 18) / text.len());
    for text in [
        "<%",
        "<%=",
        "{{",
        "{%",
        "{#",
        "<%= x %>",
        "{{x}}",
        "<% if x %>",
        "<% end %>",
        "<% if x %>\n",
        "{{ { }} ",
        "{{ \" }} ",
        "{% raw %}",
        "{% if x %}{% else %}",
        "<%%>",
        "%>",
        "{{{{{{",
        "}}",
        "<% if x %><% end %>",
    ] {
        for language in LANGUAGES {
            for kind in KINDS {
                let (bytes, start) = (large(text), Instant::now());
                let template = mask(bytes.as_bytes(), language, kind, &mut Holes::default());
                assert_eq!(template.masked.len(), bytes.len());
                assert!(start.elapsed() < Duration::from_secs(5), "{text:?} {:?}", start.elapsed());
            }
        }
    }
    let nested = format!("{}\n{}", "<% if x %>".repeat(40_000), "<% end %>".repeat(40_000));
    let start = Instant::now();
    mask(nested.as_bytes(), TemplateLanguage::Erb, FileKind::Puma, &mut Holes::default());
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

/// Text in which tags are likely.
fn template() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "<%",
            "<%=",
            "<%-",
            "<%%",
            "<%#",
            "-%>",
            "%>",
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            " if x",
            " else ",
            " elsif y",
            " end ",
            " endif ",
            " for ",
            " raw ",
            " endraw ",
            "\n",
            "\r\n",
            " ",
            "\"",
            "'",
            "\\",
            " do |x|",
            "{",
            "}",
            "port 1",
            "A=b",
            "é",
            "\u{100001}",
            "\u{f601}",
            "\u{5ff}",
        ])
        .prop_map(|part| part.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn masking_keeps_the_length_and_the_lines(bytes in template()) {
        for language in LANGUAGES {
            for kind in KINDS {
                let template = mask(&bytes, language, kind, &mut Holes::default());
                prop_assert_eq!(template.masked.len(), bytes.len());
                let ends = |bytes: &[u8]| -> Vec<usize> {
                    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect()
                };
                prop_assert_eq!(ends(&template.masked), ends(&bytes));
                for (at, byte) in bytes.iter().enumerate() {
                    let tag = template.holes.iter().any(|hole| hole.span.contains(Span::new(at, at + 1)));
                    prop_assert!(tag || template.masked[at] == *byte);
                }
                let ordered = template.holes.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
                prop_assert!(ordered);
            }
        }
        let _ = told_by_content(FileKind::Puma, &bytes);
    }

    #[test]
    fn words_with_holes_keep_their_places(bytes in template()) {
        for language in LANGUAGES {
            let template = mask(&bytes, language, FileKind::Monit, &mut Holes::default());
            let text = String::from_utf8_lossy(&template.masked).into_owned();
            let word = Word::plain(text, 3);
            for at in 1..word.text().len() {
                prop_assert!(word.origin(at - 1) <= word.origin(at));
            }
        }
    }
}
