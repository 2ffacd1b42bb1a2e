//! What happens when the component or its server is absent, or they don't agree.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{COMPONENT, Component, SECRET, filtered, message};
use policy_core::door::DoorState;
use policy_core::verdict::Outcome;
use testbed::PATIENCE;
use testbed::process::{free_loopback, wait_for};
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::{Client, body_of};

// component --wrong secret--> one.test
#[test]
fn a_wrong_secret_is_named_with_the_file_that_it_came_from() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::start(&one.component_address(), "wrong", Outcome::Drop);
    let problem = component.wait_problem();
    assert!(problem.contains("Prosody does not accept the component's secret"), "{problem}");
    assert!(
        problem.contains("component_secret") && problem.contains("/etc/postward/xmpp-secret"),
        "{problem}"
    );
    assert!(!problem.contains("wrong"), "{problem}");
}

// component --unknown domain--> one.test
#[test]
fn a_domain_that_prosody_does_not_know_is_named() {
    let one = Prosody::start(&filtered()).unwrap();
    let address = one.component_address();
    let component = Component::start_as(&address, "other.one.test", SECRET, Outcome::Drop);
    let problem = component.wait_problem();
    assert!(problem.contains("knows no external component other.one.test"), "{problem}");
}

// component --> nobody
#[test]
fn a_prosody_that_is_not_there_is_waited_for() {
    let address = free_loopback(&[5347]).unwrap();
    let component = Component::start(&format!("{address}:5347"), SECRET, Outcome::Drop);
    let problem = component.wait_problem();
    assert!(problem.contains("can't be reached") && problem.contains("trying again"), "{problem}");
}

// component --proxy that passes nothing on any more--> one.test
#[test]
fn a_connection_on_which_nothing_passes_any_more_is_noticed_before_a_minute_is_over() {
    let one = Prosody::start(&filtered()).unwrap();
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let component = Component::start(&proxy.local_addr().unwrap().to_string(), SECRET, Outcome::Drop);
    let (here, _) = proxy.accept().unwrap();
    let there = TcpStream::connect(one.component_address()).unwrap();
    let stalled = Arc::new(AtomicBool::new(false));
    for (from, to) in [(&here, &there), (&there, &here)] {
        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        let stalled = Arc::clone(&stalled);
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = from.read(&mut piece) {
                if !stalled.load(Ordering::Relaxed) && to.write_all(&piece[..length]).is_err() {
                    break;
                }
            }
        });
    }
    wait_for("the module to be heard", PATIENCE, || Ok(component.module())).unwrap();
    stalled.store(true, Ordering::Relaxed);
    let is_lost = || Ok((!matches!(component.state(), DoorState::Open { .. })).then_some(()));
    wait_for("the component to see that it is cut off", Duration::from_secs(60), is_lost).unwrap();
}

// bob --> one.test [mod_postward, no component] --> anna
#[test]
fn without_the_component_everything_is_delivered_unless_told_to_hold_off() {
    let one = Prosody::start(&filtered()).unwrap();
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    bob.send(&message("anna@one.test", "casino")).unwrap();
    anna.wait_for_body("casino").unwrap();

    let one = Prosody::start(&filtered().line("postward_failure = \"hold-off\"")).unwrap();
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    bob.send("<message id='m' to='anna@one.test'><body>hello</body></message>").unwrap();
    let error = bob.wait_for("an error", |stanza| stanza.attr("id") == Some("m"), PATIENCE).unwrap();
    let error = error.get_child("error", "jabber:client").unwrap();
    assert_eq!(error.attr("type"), Some("wait"));
    assert!(error.has_child("resource-constraint", "urn:ietf:params:xml:ns:xmpp-stanzas"));
    bob.send("<presence to='anna@one.test/phone'><status>here</status></presence>").unwrap();
    anna.wait_for("presence", |stanza| stanza.name() == "presence", PATIENCE).unwrap();
    assert!(anna.bodies().is_empty());
}

// bob --2000 messages, 100 in flight--> one.test [component ends and comes back twice meanwhile] --> anna
#[test]
fn a_component_that_restarts_under_load_loses_nothing_and_keeps_the_order() {
    const MESSAGES: usize = 2000;
    // Few enough to be answered while the component says goodbye, even on a busy machine: it doesn't wait for ever.
    const IN_FLIGHT: usize = 100;
    let one = Prosody::start(&filtered()).unwrap();
    let mut component = Some(Component::dropping(&one));
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut sent = 0;
    for number in 0..MESSAGES {
        while sent < MESSAGES.min(number + IN_FLIGHT) {
            bob.send(&message("anna@one.test", &sent.to_string())).unwrap();
            sent += 1;
        }
        if number % 700 == 300 {
            drop(component.take());
        }
        if number % 700 == 600 {
            component = Some(Component::dropping(&one));
        }
        let stanza = anna.next(PATIENCE).unwrap().expect("the next message");
        assert_eq!(body_of(&stanza), Some(number.to_string()));
    }
    // Each component has answered all that it had been asked before it went.
    assert!(!one.log().contains("settled by postward_failure"), "{}", one.log());
}

// bob --3000 messages, some with a blocked word--> one.test [mod_postward is reloaded twice meanwhile] --> anna
#[test]
fn a_module_that_is_reloaded_under_load_loses_nothing_keeps_the_order_and_filters_again() {
    const MESSAGES: usize = 3000;
    let one = Prosody::start(&filtered().module("admin_shell")).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let sender = std::thread::spawn(move || {
        for number in 0..MESSAGES {
            bob.send(&message("anna@one.test", &number.to_string())).unwrap();
        }
        bob
    });
    for number in 0..MESSAGES {
        if matches!(number, 500 | 1500) {
            one.console(&["module", "reload", "postward"]).unwrap();
        }
        let stanza = anna.next(PATIENCE).unwrap().expect("the next message");
        assert_eq!(body_of(&stanza), Some(number.to_string()));
    }
    let mut bob = sender.join().unwrap();
    wait_for("the module to be heard", PATIENCE, || Ok(component.module())).unwrap();
    for body in ["casino", "after"] {
        bob.send(&message("anna@one.test", body)).unwrap();
    }
    assert_eq!(body_of(&anna.next(PATIENCE).unwrap().unwrap()).as_deref(), Some("after"));
    // Without the module nothing is filtered, and nothing is missing.
    one.console(&["module", "unload", "postward"]).unwrap();
    bob.send(&message("anna@one.test", "casino")).unwrap();
    assert_eq!(body_of(&anna.next(PATIENCE).unwrap().unwrap()).as_deref(), Some("casino"));
    assert!(!one.log().contains("error"), "{}", one.log());
}

// bob --> one.test [mod_postward is reloaded, from the state of an older version's, at the other host alone] --> anna
#[test]
fn a_module_that_follows_an_older_one_filters_at_all_hosts() {
    let options = Options::new(&["one.test", "three.test"]).postward(COMPONENT, SECRET).module("admin_shell");
    let one = Prosody::start(&options).unwrap();
    let component = Component::dropping(&one);
    let older = "> require'core.modulemanager'.get_module('*', 'postward').module.save = function () \
                 return { ['one.test'] = true, ['three.test'] = true } end";
    one.console(&[older]).unwrap();
    one.console(&["module", "reload", "postward", "three.test"]).unwrap();
    wait_for("the module to be everywhere", PATIENCE, || {
        Ok(component.module().filter(|module| module.unfiltered.is_empty() && module.filtered.len() == 2))
    })
    .unwrap();
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    for body in ["casino", "after"] {
        bob.send(&message("anna@one.test", body)).unwrap();
    }
    assert_eq!(body_of(&anna.next(PATIENCE).unwrap().unwrap()).as_deref(), Some("after"));
    assert!(!one.log().contains("error"), "{}", one.log());
}

// bob --> one.test, carl --> three.test [mod_postward is reloaded at one of them alone] --> anna
#[test]
fn a_module_that_is_reloaded_at_one_host_filters_at_all_of_them() {
    let options = Options::new(&["one.test", "three.test"]).rooms("rooms.one.test");
    let options = options.postward(COMPONENT, SECRET).module("admin_shell");
    let one = Prosody::start(&options).unwrap();
    let component = Component::dropping(&one);
    for reloaded in ["three.test", "rooms.one.test", "one.test"] {
        one.console(&["module", "reload", "postward", reloaded]).unwrap();
        wait_for("the module to be everywhere", PATIENCE, || {
            Ok(component.module().filter(|module| module.unfiltered.is_empty() && module.filtered.len() == 3))
        })
        .unwrap();
        for host in ["one.test", "three.test"] {
            let mut anna = Client::available(one.c2s(), &format!("anna@{host}/phone")).unwrap();
            let mut bob = Client::available(one.c2s(), &format!("bob@{host}/x")).unwrap();
            for body in ["casino", "after"] {
                bob.send(&message(&format!("anna@{host}"), body)).unwrap();
            }
            assert_eq!(body_of(&anna.next(PATIENCE).unwrap().unwrap()).as_deref(), Some("after"), "{host}");
        }
    }
}

// bob --> one.test [Prosody's own module for components is loaded anew under the component's stream] --> anna
#[test]
fn a_component_whose_stream_leads_nowhere_any_more_connects_again() {
    let one = Prosody::start(&filtered().module("admin_shell")).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    for lost in [&["module", "reload", "component", COMPONENT][..], &["host", "deactivate", COMPONENT]] {
        one.console(lost).unwrap();
        let problem = component.wait_problem();
        assert!(
            problem.contains("ended the connection") || problem.contains("knows no external"),
            "{problem}"
        );
        if lost.first() == Some(&"host") {
            one.console(&["host", "activate", COMPONENT]).unwrap();
        }
        component.wait_open();
        for body in ["casino", "after"] {
            bob.send(&message("anna@one.test", body)).unwrap();
        }
        assert_eq!(body_of(&anna.next(PATIENCE).unwrap().unwrap()).as_deref(), Some("after"), "{lost:?}");
    }
    assert!(!one.log().contains("Traceback"), "{}", one.log());
}

// bob --> one.test [mod_postward, no component, then a component] --> anna
#[test]
fn what_went_unjudged_is_told_once_there_is_a_component() {
    let one = Prosody::start(&filtered()).unwrap();
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    for body in ["one", "two"] {
        bob.send(&message("anna@one.test", body)).unwrap();
        anna.wait_for_body(body).unwrap();
    }
    let component = Component::dropping(&one);
    let module = wait_for("the module to be heard", PATIENCE, || Ok(component.module())).unwrap();
    assert_eq!(
        module.version,
        env!("CARGO_PKG_VERSION"),
        "mod_postward.lua says which Postward it belongs to"
    );
    assert!(module.unjudged >= 2, "{module:?}");
}

// component, then another component of the same name --> one.test; when the second ends, the first filters again
#[test]
fn a_component_that_is_taken_over_connects_again() {
    let one = Prosody::start(&filtered()).unwrap();
    let first = Component::dropping(&one);
    let second = Component::dropping(&one); // component_conflict_resolve = "kick_old"
    let problem = first.wait_problem();
    assert!(problem.contains("another program is connected"), "{problem}");
    drop(second);
    first.wait_open();
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    bob.send(&message("anna@one.test", "casino")).unwrap();
    bob.send(&message("anna@one.test", "hello")).unwrap();
    assert_eq!(body_of(&anna.next(PATIENCE).unwrap().unwrap()).as_deref(), Some("hello"));
    assert!(matches!(first.state(), DoorState::Open { .. }));
}

// component, and another of the same name that goes on --> one.test
#[test]
fn two_components_of_one_name_both_say_so_and_throw_each_other_out_less_and_less_often() {
    let one = Prosody::start(&filtered()).unwrap();
    let both = [Component::dropping(&one), Component::dropping(&one)];
    for component in &both {
        wait_for("it to be said", PATIENCE, || {
            Ok(component.problem().is_some_and(|problem| problem.contains("again and again")).then_some(()))
        })
        .unwrap();
    }
    // Whichever is connected, neither takes it back: what is in force may be the other's list.
    let connections = || one.log().matches("successfully authenticated").count();
    let before = connections();
    std::thread::sleep(Duration::from_secs(6));
    let since = connections() - before;
    assert!(since <= 6, "{since}");
    assert!(both.iter().all(|component| !matches!(component.state(), DoorState::Open { .. })));
}

// mod_postward without its one option that has no default
#[test]
fn a_module_without_the_components_name_says_which_option_is_missing() {
    let modules = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("prosody");
    let options = Options::new(&["one.test"]).module("postward").plugin_path(&modules);
    let one = Prosody::start(&options.component(COMPONENT, SECRET)).unwrap();
    wait_for("the error in Prosody's log", PATIENCE, || {
        Ok(one.log().contains("postward_component is not set").then_some(()))
    })
    .unwrap();
}

#[test]
fn luacheck_has_nothing_to_say_about_the_module() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("prosody");
    let output = Command::new("luacheck")
        .args(["--no-color", "--config", ".luacheckrc", "mod_postward"])
        .current_dir(folder)
        .output()
        .expect("luacheck: run scripts/setup");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

// bob --3 messages with a blocked word, 2 without--> one.test [component hangs for longer than Prosody waits] --> anna
#[test]
fn what_arrived_unjudged_while_the_component_hung_is_told_not_to_count_as_stopped() {
    let one = Prosody::start(&filtered().line("postward_timeout = 1")).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let hung = component.judge().more.lock().unwrap();
    for body in ["casino 1", "hello", "casino 2", "casino 3", "the end"] {
        bob.send(&message("anna@one.test", body)).unwrap();
    }
    anna.wait_for_body("the end").unwrap();
    drop(hung);
    wait_for("what came too late", PATIENCE, || {
        Ok((component.judge().not_stopped.load(Ordering::Relaxed) == 3).then_some(()))
    })
    .unwrap();
    assert_eq!(component.module().unwrap().unjudged, 5);
    bob.send(&message("anna@one.test", "casino 4")).unwrap();
    bob.send(&message("anna@one.test", "hello again")).unwrap();
    anna.wait_for_body("hello again").unwrap();
    assert_eq!(component.judge().not_stopped.load(Ordering::Relaxed), 3);
}

// ben and tom (two.test) ask anna (one.test), who begins to write to tom; the component hangs
#[test]
fn an_answer_to_another_server_waits_behind_what_the_account_sends_there_and_is_not_lost() {
    let ours = filtered().line("postward_timeout = 1");
    let [one, two] = Prosody::start_all([&ours, &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut ben = Client::available(two.c2s(), "ben@two.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    let question = "<iq type='get' id='q' to='anna@one.test'><query xmlns='jabber:iq:version'/></iq>";
    let answer = |stanza: &testbed::xmpp::Element| stanza.attr("id") == Some("q");
    ben.send(question).unwrap();
    ben.wait_for("an answer", answer, PATIENCE).unwrap();
    let asked = || component.judge().asked.load(Ordering::Relaxed);
    let hung = component.judge().more.lock().unwrap();
    let before = asked();
    tom.send(question).unwrap();
    wait_for("the question about it", PATIENCE, || Ok((asked() > before).then_some(()))).unwrap();
    anna.send(
        "<message to='tom@two.test/x' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
    )
    .unwrap();
    tom.wait_for("an answer", answer, PATIENCE).unwrap();
    drop(hung);
}
