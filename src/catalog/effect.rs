//! What a directive does to Puma's options.

use super::range::Range;
use super::release::Release;
use super::tables;
use super::value::Value;

/// An option that a directive sets.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Where it sets it.
    pub releases: Range,
    /// The option, by Puma's own name.
    pub option: &'static str,
    /// To what.
    pub to: Conversion,
    /// The argument that is converted, counted from 0.
    pub argument: usize,
    /// The value that some conversions need.
    pub value: Option<Value>,
    /// The key of the options hash, for `Conversion::Key`.
    pub key: Option<&'static str>,
    /// Arguments that mean a value of their own. `<unset>` stands for setting nothing.
    pub named: &'static [(Value, Value)],
}

/// How a directive makes an option's value of its argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conversion {
    /// As it is.
    Argument,
    /// The setting's value, whatever the argument.
    Value,
    /// `to_s`.
    Text,
    /// `Integer()`.
    Integer,
    /// `Float()`.
    Float,
    /// `to_i`.
    ToI,
    /// `to_f`.
    ToF,
    /// `to_sym`.
    ToSym,
    /// `!`.
    Not,
    /// `Array()`.
    List,
    /// What stands under the setting's key, if that is true; else nothing is set.
    Key,
    /// The block.
    Block,
    /// The argument, or else the block.
    Callable,
    /// The block, or `[block, key]` where there is a key.
    KeyedBlock,
    /// A hash of the block, its key, and that it runs without workers too.
    Hook,
    /// A hash of the block, its key, and that it runs only with workers.
    ClusterHook,
    /// `tcp://host:port`, put together as text.
    TcpText,
    /// `tcp://host:port`, with a number, and brackets around an IPv6 address.
    TcpUri,
    /// `ssl://host:port?…`, with the query of [`ssl_query`].
    SslUrl,
    /// The texts under `cert_pem` and `key_pem`.
    PemStore,
    /// The address of the control server; `auto` is a socket with a name of its own.
    ControlUrl,
    /// The path of that socket.
    ControlTemp,
    /// The token of the control server: the setting's value for `no_token`, else `auth_token`, else a random one.
    ControlToken,
    /// Where the remote address comes from.
    RemoteAddress,
    /// The remote address itself.
    RemoteValue,
    /// The header that holds it.
    RemoteHeader,
    /// The version of the PROXY protocol.
    RemoteProxy,
    /// The argument, or `:on_force` where that keyword is true.
    OnForce,
}

/// A part of the query that `ssl_bind` writes.
#[derive(Debug, Clone, Copy)]
pub struct QueryPart {
    /// The key of the options hash.
    pub key: &'static str,
    /// How it is written.
    pub how: QueryForm,
    /// What stands for a key that isn't given.
    pub value: Option<&'static str>,
    /// Where.
    pub releases: Range,
}

/// How a part of a query is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryForm {
    /// Always, if need be with nothing.
    Always,
    /// If it is given.
    Given,
    /// If it is given, even as nil.
    Present,
    /// If it is given, escaped.
    Escaped,
    /// If it is given, as a number.
    Integer,
    /// If it is given, a list with commas between.
    Joined,
    /// If peers are verified.
    ForPeers,
    /// If peers are verified, escaped.
    ForPeersEscaped,
    /// `no_tlsv1_1`, or else `no_tlsv1`, if it is true.
    OldestTls,
    /// `dflt` for true, else `size,timeout`.
    Reuse,
}

/// The query of an `ssl_bind` at `release`, in order.
pub fn ssl_query(release: Release) -> impl Iterator<Item = &'static QueryPart> {
    tables::SSL_QUERY.iter().filter(move |part| part.releases.contains(release))
}
