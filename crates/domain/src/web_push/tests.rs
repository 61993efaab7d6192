use super::*;

fn hosts() -> PushHosts {
    PushHosts::parse("fcm.googleapis.com, push.services.mozilla.com").unwrap()
}

#[test]
fn h2_endpoints_are_of_push_services_alone() {
    for good in [
        "https://fcm.googleapis.com/fcm/send/dQw4:APA91b",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAA?x=1",
        "https://push.services.mozilla.com/",
    ] {
        assert_eq!(Endpoint::parse(good, &hosts()).unwrap().as_str(), good);
    }
    for bad in [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://2852039166/latest",
        "https://0xa9.0xfe.0xa9.0xfe/",
        "https://[::ffff:169.254.169.254]/",
        "http://fcm.googleapis.com/fcm/send/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://evil.example/fcm.googleapis.com/",
        "https://evilfcm.googleapis.com.evil.example/",
        "https://notfcm.googleapis.com/x",
        "https://fcm.googleapis.com\\@evil.example/x",
        "https://fcm.googleapis.com#@evil.example/",
        "https://fcm.googleapis.com",
        "https://FCM.googleapis.com/x",
        "https://localhost/x",
        "http://localhost:8000/x",
        "http://127.0.0.1:8000/x",
        "ftp://fcm.googleapis.com/x",
        "javascript:alert(1)",
        "https:///x",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/\n",
        "",
    ] {
        assert!(Endpoint::parse(bad, &hosts()).is_err(), "{bad}");
    }
}

#[test]
fn h2_receivers_of_this_machine_are_taken_only_where_they_are_allowed() {
    let hosts = PushHosts::parse("fcm.googleapis.com,127.0.0.1").unwrap();
    let here = Endpoint::parse("http://127.0.0.1:8000/push/1", &hosts).unwrap();
    assert_eq!((here.origin(), here.host()), ("http://127.0.0.1:8000", "127.0.0.1"));
    for bad in ["http://127.0.0.2:80/x", "https://127.0.0.1/x", "http://127.0.0.1/x", "http://127.0.0.1:+80/x"] {
        assert!(Endpoint::parse(bad, &hosts).is_err(), "{bad}");
    }
}

#[test]
fn origin_and_host() {
    let endpoint = Endpoint::parse("https://fcm.googleapis.com/fcm/send/x", &hosts()).unwrap();
    assert_eq!((endpoint.origin(), endpoint.host()), ("https://fcm.googleapis.com", "fcm.googleapis.com"));
    assert_eq!(format!("{endpoint:?}"), "Endpoint(https://fcm.googleapis.com/…)");
}

#[test]
fn a_list_of_hosts_that_is_none_is_refused() {
    for bad in ["https://fcm.googleapis.com", "com", "10.0.0.1", "*.example.com"] {
        assert!(PushHosts::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn h2_only_public_addresses_are_connected_to() {
    let public = |text: &str| is_public(text.parse().unwrap());
    for address in ["142.250.1.95", "1.1.1.1", "2a00:1450:4001:829::200a", "2600:1901::1"] {
        assert!(public(address), "{address}");
    }
    for address in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:a00:1::1",
    ] {
        assert!(!public(address), "{address}");
    }
}

#[test]
fn keys_of_browsers() {
    let p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    let keys = BrowserKeys::parse(p256dh, "BTBZMqHH6r4Tts7J_aSIgg").unwrap();
    assert_eq!((keys.p256dh_text().as_str(), keys.auth_text().as_str()), (p256dh, "BTBZMqHH6r4Tts7J_aSIgg"));
    assert_eq!(format!("{keys:?}"), "BrowserKeys(…)");
    assert!(BrowserKeys::parse(&format!("{p256dh}="), "BTBZMqHH6r4Tts7J_aSIgg==").is_ok(), "with padding");
    for bad in ["", "AAAA", &p256dh[1..], &"A".repeat(200)] {
        assert!(BrowserKeys::parse_p256dh(bad).is_err(), "{bad}");
        assert!(BrowserKeys::parse_auth(bad).is_err(), "{bad}");
    }
}
