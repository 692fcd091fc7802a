use super::*;
use crate::puma::shell;

fn found(line: &str) -> Vec<Invocation> {
    let words: Vec<Word> = shell::split(&Word::plain(line, 0)).remove(0).words;
    invocations(&words)
}

fn arguments(invocation: &Invocation) -> Vec<&str> {
    invocation.arguments.iter().map(Word::text).collect()
}

#[test]
fn puma_is_found_behind_its_wrappers() {
    for line in [
        "puma -C x",
        "/usr/local/bin/bundle exec puma -C x",
        "bundle exec --keep-file-descriptors puma -C x",
        "/bin/bash -lc 'puma -C x'",
        "/bin/bash -l -c 'cd /srv/app && bundle exec puma -C x'",
        "env RAILS_ENV=production rbenv exec bundle exec puma -C x",
        "/usr/bin/rvm 3.1.2 do bundle exec puma -C x",
        "chruby-exec 3.1 -- bundle exec puma -C x",
        "nohup sudo -u deploy bin/puma -C x",
        "sudo -Hiu deploy bash -c 'cd /srv/app && puma -C x'",
        "su - deploy -c 'exec puma -C x'",
        "sh -c \"bash -lc 'puma -C x'\"",
        "bundle exec ruby -I lib bin/puma -C x",
        "/usr/bin/bundle-2.1 exec puma -C x",
        "/usr/bin/ruby3.1 -S bundle3.1 exec puma -C x",
        "/usr/local/rvm/bin/rvm-auto-ruby -S bundle exec puma -C x",
        "/home/deploy/.rvm/bin/shop_puma -C x",
        "/home/deploy/.rvm/bin/shop_bundle exec puma -C x",
        "/usr/bin/tini -g -- dumb-init gosu app:app ./bin/thrust puma -C x",
        "/usr/sbin/runuser -u deploy -- puma -C x",
        "/sbin/runuser -l deploy -c 'cd /srv/app && bundle exec puma -C x'",
        "setpriv --reuid deploy --regid=deploy --init-groups puma -C x",
        "ionice -c2 -n 0 chronic taskset -c 0,1 bundle exec puma -C x",
        "numactl --interleave=all systemd-cat -t shop stdbuf -oL puma -C x",
        "flock -n /run/shop.lock puma -C x",
        "chpst -u deploy:deploy puma -C x",
        "s6-setuidgid deploy envdir /etc/shop.d puma -C x",
        "dotenv -f .env.production bundle exec puma -C x",
        "direnv exec /srv/app bundle exec puma -C x",
        "doppler run --project shop -- bundle exec puma -C x",
        "scl enable rh-ruby27 -- jruby -J-Xmx1g -S puma -C x",
        "start-stop-daemon --start --pidfile a --chuid deploy --exec /usr/bin/bundle -- exec puma -C x",
        "start-stop-daemon -S -b -a /usr/bin/puma -x /usr/bin/ruby -- -C x",
    ] {
        let found = found(line);
        assert_eq!(found.len(), 1, "{line}");
        assert_eq!((found[0].program, arguments(&found[0])), (Program::Puma, vec!["-C", "x"]), "{line}");
    }
}

#[test]
fn who_runs_it_and_what_finds_it_is_kept() {
    for (line, user, finders) in [
        ("sudo -u deploy -E bundle exec puma", Some("deploy"), "bundle exec"),
        ("sudo -nHu deploy bundle exec puma", Some("deploy"), "bundle exec"),
        ("su - deploy -c 'exec rbenv exec bundle exec puma'", Some("deploy"), "rbenv exec bundle exec"),
        ("/usr/bin/rvm 3.1.2 do nohup puma -d", None, "/usr/bin/rvm 3.1.2 do"),
        ("env A=1 /srv/bin/puma", None, ""),
        ("runuser -u deploy -- nice dotenv bundle exec puma", Some("deploy"), "dotenv bundle exec"),
        ("runuser -l deploy -c 'bundle exec puma'", Some("deploy"), "bundle exec"),
        (
            "start-stop-daemon --start -c deploy --exec /srv/bin/bundle -- exec puma",
            Some("deploy"),
            "/srv/bin/bundle exec",
        ),
    ] {
        let puma = found(line).remove(0);
        let words: Vec<&str> = puma.finders.iter().map(Word::text).collect();
        assert_eq!((puma.user.as_ref().map(Word::text), words.join(" ").as_str()), (user, finders), "{line}");
    }
}

#[test]
fn other_programs_are_not_taken_for_puma() {
    for line in [
        "bundle install",
        "tail -f log/puma.log",
        "echo-puma",
        "bash script.sh puma",
        "bash",
        "bin/kill_puma",
        "start-stop-daemon --stop --pidfile a --exec /usr/bin/puma",
        "docker run -w /app shop bundle exec puma",
    ] {
        assert!(found(line).iter().all(|f| f.program != Program::Puma), "{line}");
    }
}

#[test]
fn what_stays_around_as_its_parent() {
    use KeptWhy::{Dash, List, Piped, Redirected, Su, Sudo};
    for (line, why) in [
        ("bash -lc 'puma'", None),
        ("bash -lc 'cd /srv && puma'", None),
        ("bash -c 'cd /srv; A=1 puma'", None),
        ("bash -c 'exec -a web puma >> log'", None),
        ("sh -c 'cd /srv && exec puma'", None),
        ("env A=1 nohup puma", None),
        ("sh -c 'puma'", Some(Dash)),
        ("bash -c 'puma >> log 2>&1'", Some(Redirected)),
        ("sh -c 'puma | tee log'", Some(Piped)),
        ("bash -c 'puma; rm x'", Some(List)),
        ("bash -c 'a; cd /srv && puma'", Some(List)),
        ("su - deploy -c 'exec puma'", Some(Su)),
        ("sudo -u deploy bash -lc 'exec puma'", Some(Sudo)),
    ] {
        let kept = found(line).remove(0).kept.map(|kept| kept.why);
        assert_eq!(kept, why, "{line}");
    }
}

#[test]
fn what_stands_around_is_kept_with_exact_places() {
    let line = "/bin/bash -lc 'cd /srv/app; A=1 puma --daemon &'";
    let puma = &found(line)[0];
    assert_eq!(puma.directory.as_ref().map(Word::text), Some("/srv/app"));
    assert_eq!(puma.variables, [("A".to_owned(), "1".to_owned())]);
    assert!(puma.login_shell && puma.background);
    let span = puma.arguments[0].span();
    assert_eq!(&line[span.range()], "--daemon");
}

#[test]
fn what_sets_variables_of_its_own_leaves_the_others_open() {
    assert!(found("dotenv bundle exec puma")[0].login_shell);
    assert!(!found("nice bundle exec puma")[0].login_shell);
    assert!(found("sudo -iu deploy bundle exec puma")[0].login_shell);
    assert!(!found("sudo -Eu deploy bundle exec puma")[0].login_shell);
}
