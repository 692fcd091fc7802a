//! What people call the tokens that the parser calls `tINTEGER` or `kEND`.

/// Token names and their words.
#[rustfmt::skip]
const WORDS: &[(&str, &str)] = &[
    ("END_OF_INPUT", "end of file"), ("EOF", "end of file"), ("tNL", "end of line"), ("tSEMI", "`;`"),
    ("YYerror", "text"), ("YYUNDEF", "text"), ("tSP", "space"), ("tSPACE", "space"), ("tVTAB", "space"),
    ("tSLASH_T", "space"), ("tSLASH_F", "space"), ("tSLASH_R", "carriage return"), ("tBACKSLASH", "`\\`"),
    ("tIDENTIFIER", "name"), ("tFID", "method name"), ("tCONSTANT", "constant"), ("tGVAR", "global variable"),
    ("tIVAR", "instance variable"), ("tCVAR", "class variable"), ("tNTH_REF", "global variable"),
    ("tBACK_REF", "global variable"), ("tLABEL", "keyword argument"), ("tLABEL_END", "keyword argument"),
    ("tINTEGER", "integer"), ("tFLOAT", "decimal number"), ("tRATIONAL", "rational number"),
    ("tIMAGINARY", "imaginary number"), ("tCHAR", "character literal"), ("tSYMBEG", "symbol"),
    ("tSTRING_BEG", "string"), ("tXSTRING_BEG", "backtick"), ("tREGEXP_BEG", "regular expression"),
    ("tWORDS_BEG", "`%W` array"), ("tQWORDS_BEG", "`%w` array"), ("tSYMBOLS_BEG", "`%I` array"),
    ("tQSYMBOLS_BEG", "`%i` array"), ("tSTRING_CONTENT", "string content"), ("tSTRING_END", "end of string"),
    ("tREGEXP_END", "end of regular expression"), ("tSTRING_DBEG", "`#{`"), ("tSTRING_DEND", "`}`"),
    ("tSTRING_DVAR", "`#`"), ("tDOT", "`.`"), ("tANDDOT", "`&.`"), ("tCOLON2", "`::`"), ("tCOLON3", "`::`"),
    ("tCOLON", "`:`"), ("tCOMMA", "`,`"), ("tEH", "`?`"), ("tEQL", "`=`"), ("tASSOC", "`=>`"),
    ("tOP_ASGN", "assignment operator"), ("tLPAREN", "`(`"), ("tLPAREN2", "`(`"), ("tLPAREN_ARG", "`(`"),
    ("tRPAREN", "`)`"), ("tLBRACK", "`[`"), ("tLBRACK2", "`[`"), ("tRBRACK", "`]`"), ("tLBRACE", "`{`"),
    ("tLBRACE_ARG", "`{`"), ("tLCURLY", "`{`"), ("tRCURLY", "`}`"), ("tLAMBEG", "`{`"), ("tLAMBDA", "`->`"),
    ("tSTAR", "`*`"), ("tSTAR2", "`*`"), ("tDSTAR", "`**`"), ("tPOW", "`**`"), ("tAMPER", "`&`"),
    ("tAMPER2", "`&`"), ("tUPLUS", "`+`"), ("tUMINUS", "`-`"), ("tUMINUS_NUM", "`-`"), ("tPLUS", "`+`"),
    ("tMINUS", "`-`"), ("tDIVIDE", "`/`"), ("tPERCENT", "`%`"), ("tTILDE", "`~`"), ("tBANG", "`!`"),
    ("tPIPE", "`|`"), ("tCARET", "`^`"), ("tGT", "`>`"), ("tLT", "`<`"), ("tGEQ", "`>=`"), ("tLEQ", "`<=`"),
    ("tEQ", "`==`"), ("tEQQ", "`===`"), ("tNEQ", "`!=`"), ("tCMP", "`<=>`"), ("tMATCH", "`=~`"),
    ("tNMATCH", "`!~`"), ("tANDOP", "`&&`"), ("tOROP", "`||`"), ("tLSHFT", "`<<`"), ("tRSHFT", "`>>`"),
    ("tAREF", "`[]`"), ("tASET", "`[]=`"), ("tDOT2", "`..`"), ("tDOT3", "`...`"), ("tBDOT2", "`..`"),
    ("tBDOT3", "`...`"), ("klBEGIN", "`BEGIN`"), ("klEND", "`END`"), ("kDEFINED", "`defined?`"),
    ("k__LINE__", "`__LINE__`"), ("k__FILE__", "`__FILE__`"), ("k__ENCODING__", "`__ENCODING__`"),
];

/// The word for a token; keywords such as `kIF_MOD` are spelt as in the file.
pub(super) fn word(token: &str) -> String {
    if let Some((_, word)) = WORDS.iter().find(|(name, _)| *name == token) {
        return (*word).to_owned();
    }
    match token.strip_prefix('k') {
        Some(keyword) => {
            let keyword = keyword.split('_').next().unwrap_or(keyword);
            format!("`{}`", keyword.to_ascii_lowercase())
        }
        None => "text".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_raw_name_is_shown() {
        assert_eq!(word("tINTEGER"), "integer");
        assert_eq!(word("kEND"), "`end`");
        assert_eq!(word("kDO_BLOCK"), "`do`");
        assert_eq!(word("tSOMETHING"), "text");
    }
}
