//! The links that a flow has to do well on.

use std::time::Duration;

use crate::link::{LinkConfig, Losses};
use crate::report::Report;
use crate::world::{Scene, Sound};

const SEEDS: u64 = 3;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn each_seed(name: &str, scene: &Scene, check: impl Fn(&Report)) {
    Report::print_heading();
    for seed in 1..=SEEDS {
        let report = Report::of(name, scene, seed);
        report.print();
        check(&report);
    }
}

#[test]
fn a_long_path_that_loses_few_packets_shows_every_frame_though_the_picture_fills_it() {
    let mut link = LinkConfig::of(15e6, 50);
    link.losses = Losses::Random(0.003);
    let scene = Scene::of(link, 30, 300);
    each_seed("15 Mb/s 50+50 ms 0.3 %", &scene, |report| {
        assert!(report.fps >= 29.9);
        assert!(report.freezes.len() <= 1);
        assert!(report.longest_freeze() <= ms(250));
    });
}

#[test]
fn a_long_path_with_room_to_spare_shows_every_frame_in_time() {
    let mut link = LinkConfig::of(15e6, 50);
    link.losses = Losses::Random(0.003);
    let mut scene = Scene::of(link, 30, 300);
    scene.screen.useful_bps = 3.5e6;
    each_seed("15 Mb/s 50+50 ms 0.3 %, 3.5 Mb/s", &scene, |report| {
        assert!(report.fps >= 29.9);
        assert!(report.freezes.len() <= 1);
        assert!(report.longest_freeze() <= ms(150));
    });
}

#[test]
fn a_step_down_freezes_shortly_and_the_way_back_up_is_found_soon() {
    for queue in [50, 200, 1_000] {
        for fps in [30, 60] {
            let mut link = LinkConfig::of(5e6, 20).then(20, 0.5e6).then(40, 5e6);
            link.queue = ms(queue);
            let scene = Scene::of(link, fps, 60);
            let name = format!("5 -> 0.5 -> 5, {queue} ms, {fps} Hz");
            each_seed(&name, &scene, |report| {
                assert!(report.longest_freeze() <= seconds(1));
                let back = report.reaches(0.9, seconds(40));
                assert!(back.is_some_and(|after| after <= seconds(3)), "{back:?}");
                assert!(report.video_share(seconds(43), seconds(60)) > 0.7);
            });
        }
    }
}

#[test]
fn the_way_back_up_is_found_by_an_encoder_that_does_not_fill_the_link() {
    let link = LinkConfig::of(5e6, 20).then(15, 0.5e6).then(30, 5e6);
    let mut scene = Scene::of(link, 30, 45);
    scene.screen.yield_share = 0.65;
    each_seed("5 -> 0.5 -> 5, yields 0.65", &scene, |report| {
        assert!(report.longest_freeze() <= seconds(1));
        let back = report.reaches(0.9, seconds(30));
        assert!(back.is_some_and(|after| after <= seconds(3)), "{back:?}");
    });
}

#[test]
fn packets_that_a_slow_link_takes_long_for_are_not_taken_for_a_queue() {
    let link = LinkConfig::of(5e6, 20).then(8, 0.5e6);
    let mut scene = Scene::of(link, 10, 23);
    scene.screen.yield_share = 0.8;
    scene.sound = Sound::Silent;
    each_seed("5 -> 0.5, 10 Hz, no sound", &scene, |report| {
        assert!(report.target_share(seconds(12), seconds(23)) > 0.8);
    });
}

#[test]
fn steps_of_a_home_link_hardly_freeze() {
    let link = LinkConfig::of(6e6, 20).then(9, 2e6).then(18, 12e6);
    let scene = Scene::of(link, 30, 27);
    each_seed("6 -> 2 -> 12 Mb/s", &scene, |report| {
        assert!(report.frozen() <= ms(600));
        assert!(report.video_share(seconds(21), seconds(27)) > 0.7);
    });
}

#[test]
fn random_loss_is_not_taken_for_congestion() {
    for bps in [2e6, 10e6] {
        let mut link = LinkConfig::of(bps, 20);
        link.losses = Losses::Random(0.02);
        let scene = Scene::of(link, 30, 60);
        each_seed(&format!("{} Mb/s 2 % loss", bps / 1e6), &scene, |report| {
            assert!(report.target_share(seconds(5), seconds(60)) > 0.8);
            assert!(report.frozen() <= ms(400));
        });
    }
}

#[test]
fn bursts_of_loss_are_not_taken_for_congestion() {
    let mut link = LinkConfig::of(8e6, 20);
    link.losses = Losses::Bursts {
        enter: 0.003,
        leave: 0.2,
    };
    let scene = Scene::of(link, 30, 60);
    each_seed("8 Mb/s bursts of loss", &scene, |report| {
        assert!(report.target_share(seconds(5), seconds(60)) > 0.7);
        assert!(report.longest_freeze() <= ms(500));
    });
}

#[test]
fn jitter_and_reordering_cost_little() {
    let mut link = LinkConfig::of(8e6, 20);
    link.jitter = ms(15);
    link.reordering = 0.02;
    let scene = Scene::of(link, 30, 60);
    each_seed("8 Mb/s jitter, reordering", &scene, |report| {
        assert!(report.target_share(seconds(5), seconds(60)) > 0.7);
        assert!(report.frozen() <= ms(400));
    });
}

#[test]
fn a_receiver_that_stalls_is_not_taken_for_a_queue() {
    for stall in [40, 70, 150, 300] {
        let mut link = LinkConfig::of(8e6, 20);
        link.stalls = Some((ms(1_700), ms(stall)));
        let mut scene = Scene::of(link, 30, 60);
        scene.screen.yield_share = 0.8;
        scene.sound = Sound::Silent;
        let name = format!("8 Mb/s, stalls of {stall} ms");
        each_seed(&name, &scene, |report| {
            let share = report.target_share(seconds(5), seconds(60));
            assert!((0.8..1.15).contains(&share), "{share}");
        });
    }
}

#[test]
fn a_shallow_buffer_is_not_overrun() {
    let mut link = LinkConfig::of(8e6, 20);
    link.queue = ms(50);
    let scene = Scene::of(link, 60, 60);
    each_seed("8 Mb/s 50 ms queue", &scene, |report| {
        assert!(report.fps > 59.0);
        assert!(report.freezes.is_empty());
        assert!(report.video_share(seconds(5), seconds(60)) > 0.7);
    });
}

#[test]
fn a_bloated_buffer_stays_empty() {
    let mut link = LinkConfig::of(4e6, 20);
    link.queue = ms(1_000);
    let scene = Scene::of(link, 30, 60);
    each_seed("4 Mb/s 1 s queue", &scene, |report| {
        assert!(report.link_wait(0.95) < ms(60));
        assert!(report.video_share(seconds(5), seconds(60)) > 0.7);
    });
}

#[test]
fn beside_a_competing_flow_neither_starves() {
    for queue in [1_000, 200, 50] {
        let mut link = LinkConfig::of(10e6, 20);
        link.queue = ms(queue);
        let mut scene = Scene::of(link, 30, 120);
        scene.rival_from = Some(seconds(10));
        each_seed(&format!("10 Mb/s shared, {queue} ms"), &scene, |report| {
            let ours = report.video_share(seconds(30), seconds(120));
            let theirs = report.rival_share(seconds(30), seconds(120));
            report.print_shares(ours, theirs);
            assert!(ours > 0.15);
            assert!(theirs > 0.15);
        });
    }
}

#[test]
fn a_still_screen_that_starts_to_move_has_its_rate_at_once() {
    let mut scene = Scene::of(LinkConfig::of(12e6, 20), 60, 30);
    scene.screen.still_until = seconds(20);
    each_seed("still, then motion", &scene, |report| {
        let kept = report.target_share(seconds(15), seconds(20));
        assert!(kept * 12e6 >= 3e6);
        assert!(report.video_share(seconds(21), seconds(30)) > 0.7);
        assert!(report.freezes.is_empty());
    });
}

#[test]
fn a_sender_that_uses_little_keeps_its_estimate() {
    let mut scene = Scene::of(LinkConfig::of(12e6, 20), 30, 60);
    scene.screen.useful_bps = 1e6;
    each_seed("1 of 12 Mb/s used", &scene, |report| {
        let kept = report.target_share(seconds(10), seconds(60)) * 12e6;
        assert!((2.9e6..13e6).contains(&kept));
        assert!(report.fps > 29.8);
    });
}

#[test]
fn lost_feedback_is_survived() {
    let mut scene = Scene::of(LinkConfig::of(6e6, 20), 30, 40);
    scene.lost_back = 0.2;
    scene.silent = Some((seconds(15), seconds(17)));
    each_seed("6 Mb/s, feedback lost", &scene, |report| {
        assert!(report.target_share(seconds(5), seconds(15)) > 0.7);
        assert!(report.target_share(ms(16_500), seconds(17)) < 0.7);
        assert!(report.target_share(seconds(21), seconds(40)) > 0.7);
        assert!(report.longest_freeze() <= seconds(1));
    });
}
