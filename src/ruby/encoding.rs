//! The encodings a magic comment may name. Ruby refuses an unknown name, and with it the whole config.

/// How the bytes of string literals are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8: invalid bytes are an error.
    Utf8,
    /// US-ASCII: every byte above 127 is an error.
    Ascii,
    /// Another one: bytes are taken as they are.
    Other,
}

/// The names that Ruby 3.1 takes for a source file, in lower case.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "646", "ansi_x3.4-1968", "ascii", "ascii-8bit", "big5", "big5-hkscs",
    "big5-hkscs:2008", "big5-uao", "binary", "cesu-8", "cp1250", "cp1251",
    "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
    "cp1258", "cp437", "cp51932", "cp65001", "cp720", "cp737",
    "cp775", "cp850", "cp852", "cp855", "cp857", "cp860",
    "cp861", "cp862", "cp863", "cp864", "cp865", "cp866",
    "cp869", "cp874", "cp878", "cp932", "cp936", "cp949",
    "cp950", "cp951", "cswindows31j", "emacs-mule", "euc-cn", "euc-jis-2004",
    "euc-jisx0213", "euc-jp", "euc-jp-ms", "euc-kr", "euc-tw", "euccn",
    "eucjp", "eucjp-ms", "euckr", "euctw", "gb12345", "gb18030",
    "gb1988", "gb2312", "gbk", "ibm437", "ibm720", "ibm737",
    "ibm775", "ibm850", "ibm852", "ibm855", "ibm857", "ibm860",
    "ibm861", "ibm862", "ibm863", "ibm864", "ibm865", "ibm866",
    "ibm869", "iso-8859-1", "iso-8859-10", "iso-8859-11", "iso-8859-13", "iso-8859-14",
    "iso-8859-15", "iso-8859-16", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5",
    "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-9", "iso8859-1", "iso8859-10",
    "iso8859-11", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "iso8859-2",
    "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8",
    "iso8859-9", "koi8-r", "koi8-u", "maccenteuro", "maccroatian", "maccyrillic",
    "macgreek", "maciceland", "macjapan", "macjapanese", "macroman", "macromania",
    "macthai", "macturkish", "macukraine", "pck", "shift_jis", "sjis",
    "sjis-docomo", "sjis-kddi", "sjis-softbank", "stateless-iso-2022-jp", "stateless-iso-2022-jp-kddi", "tis-620",
    "us-ascii", "utf-8", "utf-8-hfs", "utf-8-mac", "utf8-docomo", "utf8-kddi",
    "utf8-mac", "utf8-softbank", "windows-1250", "windows-1251", "windows-1252", "windows-1253",
    "windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258", "windows-31j",
    "windows-874",
];

/// The encoding of a name, or `None` if Ruby doesn't know it.
pub(super) fn find(name: &str) -> Option<Encoding> {
    let name = name.to_ascii_lowercase();
    let plain = ["-unix", "-dos", "-mac"].iter().find_map(|suffix| name.strip_suffix(suffix));
    let known = |name: &str| NAMES.binary_search(&name).is_ok();
    let name = match plain {
        Some(plain) if !known(&name) => plain,
        _ => &name,
    };
    if !known(name) {
        return None;
    }
    Some(match name {
        "utf-8" | "cp65001" | "utf-8-mac" | "utf8-mac" | "utf-8-hfs" => Encoding::Utf8,
        "us-ascii" | "ascii" | "ansi_x3.4-1968" | "646" => Encoding::Ascii,
        _ => Encoding::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_ruby() {
        assert!(NAMES.is_sorted());
        assert_eq!(find("UTF-8-unix"), Some(Encoding::Utf8));
        assert_eq!(find("us-ascii"), Some(Encoding::Ascii));
        assert_eq!(find("ISO-8859-1"), Some(Encoding::Other));
        assert_eq!(find("utf8"), None);
        assert_eq!(find("latin1"), None);
    }
}
