use proptest::prelude::*;

use unicode_width::UnicodeWidthStr;

use super::*;

fn hidden(text: &str, writing: Writing) -> String {
    String::from_utf8(Secrets::default().content(text.as_bytes(), writing).into_owned()).unwrap()
}

/// Texts with their secrets between `‹` and `›`.
const SECRETS: &[(Writing, &str)] = &[
    (Writing::Ruby, r#"activate_control_app "tcp://x", { auth_token: "‹t0ken›" }"#),
    (Writing::Ruby, r#"activate_control_app 'tcp://x', :auth_token => '‹t0ken›', no_token: true"#),
    (Writing::Ruby, r#"activate_control_app("tcp://x", auth_token: ENV.fetch("PUMA_TOKEN", "‹t0ken›"))"#),
    (Writing::Ruby, r#"activate_control_app("tcp://x", auth_token: ENV.fetch("PUMA_TOKEN") { "‹t0ken›" })"#),
    (Writing::Ruby, "x ENV.fetch('PUMA_TOKEN') do\n  '‹t0ken›'\nend"),
    (Writing::Ruby, r#"x ENV["PUMA_TOKEN"] || "‹t0ken›""#),
    (Writing::Ruby, r#"ENV["API_KEY"] ||= "‹abc›""#),
    (Writing::Ruby, r#"ENV['API_KEY'] = '‹a"b›'"#),
    (Writing::Ruby, r#"ENV.store("API_KEY", "‹a\"b›")"#),
    (Writing::Ruby, r#"ENV["API_KEY"] == "‹abc›""#),
    (Writing::Ruby, r#"ENV.update("DB_PASSWORD" => "‹abc›", "PORT" => "80")"#),
    (Writing::Ruby, r#"token = "‹a#{ENV["X"]}b›"; port 80"#),
    (Writing::Ruby, "password = \"‹a›\" \\\n  \"‹b›\"\nport 80"),
    (Writing::Ruby, "secret = '‹two\nlines›'"),
    (Writing::Ruby, "ssl_bind '0', 1, key_pem: <<~PEM, verify_mode: 'none'\n‹  MIIE\n  abc\n›PEM\nport 80"),
    (Writing::Ruby, "ssl_bind \"0\", 1, key_pem: '‹X Y›'"),
    (Writing::Ruby, "ssl_bind '0', 1, key: \"/etc/k.pem\", key_password: %q(‹a b›)"),
    (Writing::Ruby, "ssl_bind '0', 1, keystore: 'a.jks', keystore_pass: \"‹a b›\""),
    (Writing::Ruby, "passwords: ['‹a b›', \"‹c›\"]"),
    (Writing::Ruby, "password: ‹123456›, port: 80"),
    (Writing::Ruby, "auth_token \"‹abc›\""),
    (Writing::Ruby, "bind \"ssl://0:1?key=/etc/k.pem&cert=c.pem&password=‹a,b›&verify=none\""),
    (Writing::Ruby, "bind 'tcp://0:1?token=‹abc›'"),
    (Writing::Ruby, "bind 'ssl://0:1?key_pem=‹MIIE/+=›&cert=x'"),
    (Writing::Ruby, "x 'https://me:‹p:w›@h/path?a=b'"),
    (Writing::Ruby, "x 'redis://:‹pw›@h'"),
    (Writing::Ruby, "x 'https://‹0123456789abcdef0123456789abcdef›@sentry.example/1'"),
    (Writing::Ruby, "%w[puma --control-token ‹abc›]"),
    (Writing::Ruby, "run 'puma', '--control-token', '‹abc›'"),
    (Writing::Ruby, "x { 'Authorization' => 'Bearer ‹abc›' }"),
    (Writing::Lines, "Environment=SECRET_KEY_BASE=‹abc› RAILS_ENV=production"),
    (Writing::Lines, "Environment=\"SECRET_KEY_BASE=‹a b'c\\\"d›\" RAILS_ENV=production"),
    (Writing::Lines, "Environment='SECRET_KEY_BASE=‹a b›' X=y"),
    (Writing::Lines, "Environment=\"DATABASE_URL=postgres://u:‹p,w;›@h/db\""),
    (Writing::Lines, "Environment=PASSWORD=‹a'b;c&d›"),
    (Writing::Lines, "ExecStart=/bin/sh -c 'SECRET=‹abc› puma -p 3'"),
    (Writing::Lines, "ExecStart=/usr/bin/puma --control-token ‹abc› -p 3"),
    (Writing::Lines, "ExecStart=/usr/bin/puma --control-token=‹abc› -p 3"),
    (Writing::Lines, "ExecStart=/usr/bin/puma --control-token \\\n  ‹abc› -p 3"),
    (Writing::Lines, "ExecStop=/usr/bin/pumactl -C tcp://x -T ‹abc› stop"),
    (Writing::Lines, "ExecStop=/usr/bin/pumactl -T‹abc› stop"),
    (Writing::Lines, "SetCredential=token:‹one two \\\n three›\nUser=x"),
    (Writing::Lines, "web: SECRET=‹abc› bundle exec puma -p $PORT"),
    (Writing::Lines, "  SMTP_PASSWORD: ‹abc›"),
    (Writing::Lines, "    remote: https://me:‹abc›@gems.example.org/"),
    (Writing::Lines, "K=\"-----BEGIN EC PRIVATE KEY-----‹abc›-----END EC PRIVATE KEY-----\""),
    (Writing::Monit, "set httpd port 2812 allow admin:‹monit›"),
    (
        Writing::Monit,
        "  allow \"admin\":\"‹m n›\" allow ::1 allow fe80::1/10 allow 10.0.0.0/24 allow localhost",
    ),
    (Writing::Monit, "  allow \"admin:‹m n›\""),
    (Writing::Monit, "set mailserver h username \"me\" password \"‹p w›\" using tls"),
    (Writing::Monit, "set mailserver h username me password ‹pw› using tls"),
    (Writing::Monit, "start program = \"/bin/sh -c 'API_TOKEN=‹abc› puma'\""),
    (Writing::Monit, "set mmonit http://monit:‹pw›@h:8080/collector"),
    (Writing::Monit, "if failed url \"https://me:‹pw›@h/x\" then alert"),
    (Writing::Monit, "with http headers [Authorization: Basic ‹YWJj›]"),
    (Writing::Prose, "`--control-token ‹abc›` is given twice"),
    (Writing::Prose, "tcp://127.0.0.1:9293?token=‹abc›&x=1"),
    (Writing::Prose, "`API_KEY=‹abc›` is taken for a program"),
    (Writing::Prose, "{auth_token: \"‹abc›\"}"),
];

/// Texts that hold none, though they speak of some.
const NONE: &[(Writing, &str)] = &[
    (Writing::Ruby, "pidfile \"tmp/keys/puma.pid\""),
    (Writing::Ruby, "pidfile 'tmp/token/puma.pid'\nport ENV.fetch('PORT') { 3000 }"),
    (Writing::Ruby, "ssl_bind \"0\", 1, key: \"/etc/ssl/k.pem\", cert: \"c\""),
    (Writing::Ruby, "ssl_bind \"0\", 1, key: \"#{root}/ssl/k\", cert: 'c.pem', ssl_key: \"#{shared}/k\""),
    (Writing::Ruby, "ssl_bind '0', 1, key_pem: File.read(\"k.pem\")"),
    (Writing::Ruby, "bind \"ssl://0:1?key=/etc/k.pem&cert=/etc/c.pem\""),
    (Writing::Ruby, "auth_token: ENV[\"PUMA_TOKEN\"], x: 'y'"),
    (Writing::Ruby, "activate_control_app 'tcp://x', auth_token: ENV.fetch('PUMA_TOKEN')"),
    (Writing::Ruby, "activate_control_app 'tcp://x', no_token: true"),
    (Writing::Ruby, "auth_token: \"#{ENV[\"A\"]}\""),
    (Writing::Ruby, "auth_token: 'none'"),
    (Writing::Ruby, "# the secret is in the token file, see 'docs'"),
    (Writing::Ruby, "Secret::Store.new"),
    (Writing::Ruby, "filter %i[password token]"),
    (Writing::Ruby, "token=ENV['X']"),
    (Writing::Ruby, "x 'http://127.0.0.1:3000/users/@me'"),
    (Writing::Lines, "Environment=SECRET_FILE=/run/secret TOKEN=$TOKEN KEY=value"),
    (Writing::Lines, "PassEnvironment=SECRET_KEY_BASE\nUser=deploy"),
    (Writing::Lines, "LoadCredential=token:/etc/token\nEnvironment=RAILS_ENV=production"),
    (Writing::Lines, "ExecStart=/bin/puma --control-token ${TOKEN} -p 3"),
    (Writing::Lines, "ExecStart=/bin/puma --control-token --debug"),
    (Writing::Monit, "set ssl { verify: enable, selfsigned: allow }\nallow ::1\nallow 2001:db8::/32"),
    (Writing::Monit, "with pidfile /run/puma.pid if failed port 80 type tcpssl then alert"),
    (Writing::Monit, "set httpd allow localhost allow @monit allow cleartext /etc/htpasswd me"),
    (Writing::Prose, "--control-token needs a value, and the token has to be the same"),
    (Writing::Prose, "`--control-token` needs a value"),
    (Writing::Prose, "a secret is hidden: nothing to see"),
    (Writing::Prose, "the key: `Type=forking`"),
    (Writing::Prose, "/srv/shop/current/tmp/pids/puma.pid"),
    (Writing::Prose, "control_auth_token"),
    (Writing::Prose, "`allow` is not known here"),
];

#[test]
fn what_a_name_announces_is_hidden_and_nothing_else() {
    for (writing, marked) in SECRETS {
        let plain = marked.replace(['‹', '›'], "");
        let mut expected = String::new();
        let mut inside = false;
        for c in marked.chars() {
            match c {
                '‹' | '›' => inside = c == '‹',
                '\n' => expected.push('\n'),
                c => expected.push(if inside { '*' } else { c }),
            }
        }
        assert_eq!(hidden(&plain, *writing), expected, "{writing:?}");
    }
}

#[test]
fn what_only_speaks_of_secrets_stays() {
    for (writing, text) in NONE {
        assert_eq!(hidden(text, *writing), *text, "{writing:?}");
    }
}

#[test]
fn a_known_value_is_hidden_wherever_it_stands() {
    let unit = Source::new(
        "a",
        "a",
        crate::model::FileKind::Systemd,
        b"Environment=TOKEN=s3cr3t-7 A_PASS=monit".to_vec(),
    );
    let secrets = Secrets::of([&unit], &["line one 1\nline two 2".to_owned()]);
    assert_eq!(secrets.text("got s3cr3t-7, not xs3cr3t-7 or monit"), "got ********, not xs3cr3t-7 or monit");
    assert_eq!(secrets.text("`line two 2`"), "`**********`");
}

#[test]
fn hostile_texts_end_soon() {
    for part in [
        "token: \"",
        "token: \"#{",
        "token: [",
        "key_pem: <<A ",
        "token: %q(",
        "authorization: ",
        "a://",
        "a://x@",
        "allow a:",
        "allow \"",
        "pumactl -T",
        "`",
        "-----BEGIN PRIVATE KEY-----",
        "token=\\\"",
        "SetCredential=\\\n",
        "Environment=\"token=",
        "token = \"a\" + ",
        "authorization: <",
        "token: \"/a.pem",
        "--token \\\n",
    ] {
        let text = part.repeat(100_000 / part.len());
        for writing in [Writing::Ruby, Writing::Lines, Writing::Monit, Writing::Prose] {
            let started = std::time::Instant::now();
            hidden(&text, writing);
            assert!(started.elapsed().as_secs() < 2, "{part:?} {writing:?}: {:?}", started.elapsed());
        }
    }
}

/// What configs are made of.
fn ordinary() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-z_]{1,9}",
        "(/[a-z]{1,7}){1,3}/[a-z]{1,6}\\.(pid|state|sock|pem)",
        "[0-9]{1,5}",
        "[\"'=:,(){}\\[\\]&?# \n-]",
        Just("key".to_owned()),
        Just("tmp/keys/puma.pid".to_owned()),
        Just("é日🞲".to_owned()),
        Just("token".to_owned()),
        Just("password: '".to_owned()),
        Just("--control-token ".to_owned()),
    ];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

fn writing() -> impl Strategy<Value = Writing> {
    prop_oneof![Just(Writing::Ruby), Just(Writing::Lines), Just(Writing::Monit), Just(Writing::Prose)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hiding_keeps_every_place(text in ordinary(), writing in writing()) {
        let masked = hidden(&text, writing);
        prop_assert_eq!(masked.len(), text.len());
        prop_assert_eq!(masked.chars().count(), text.chars().count());
        prop_assert_eq!(masked.width(), text.width());
        for (shown, was) in masked.chars().zip(text.chars()) {
            prop_assert!(shown == was || "*×∗＊🞲".contains(shown));
            prop_assert_eq!(shown == '\n', was == '\n');
        }
    }

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200), writing in writing()) {
        prop_assert_eq!(Secrets::default().content(&bytes, writing).len(), bytes.len());
    }

    #[test]
    fn paths_and_ports_are_never_hidden(
        path in "(/[a-z]{1,8}){0,3}/?(keys|tokens|secrets)/[a-z]{1,6}\\.(pid|state|sock)",
        port in 1..65535u16,
        writing in writing(),
    ) {
        for text in [
            format!("pidfile \"{path}\"\nport {port}"),
            format!("state_path '{path}', {port}"),
            format!("PIDFile={path}\nEnvironment=PORT={port} PIDFILE={path}"),
            format!("check process puma with pidfile {path}\n if failed port {port}"),
            format!("`{path}` on port {port}"),
            format!("bind \"unix://{path}?umask=0111\"\nbind 'tcp://0.0.0.0:{port}'"),
        ] {
            prop_assert_eq!(hidden(&text, writing), text);
        }
    }
}
