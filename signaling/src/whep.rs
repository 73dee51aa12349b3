//! An answer for players that take no candidates later (draft-ietf-wish-whep): all of them are in it.

use streamspace_protocol::{Candidate, Secret};

/// More than a streamer has addresses.
const MAX_CANDIDATES: usize = 32;

/// The answer with these candidates, and the word that there are no more. They go into each section: all share
/// the transport of the first, but not every player looks there.
pub(crate) fn complete(answer: &Secret, candidates: &[Candidate]) -> Secret {
    let lines: String = candidates
        .iter()
        .take(MAX_CANDIDATES)
        .map(|candidate| candidate.candidate.expose())
        .filter(|candidate| is_line(candidate))
        .map(|candidate| format!("a={candidate}\r\n"))
        .collect();
    let mut sections = answer.expose().split_inclusive("\r\nm=").peekable();
    let mut whole = String::new();
    let mut is_media = false;
    while let Some(section) = sections.next() {
        let has_next = sections.peek().is_some();
        let body = if has_next {
            section.trim_end_matches("m=")
        } else {
            section
        };
        whole.push_str(body);
        if is_media {
            if !whole.ends_with("\r\n") {
                whole.push_str("\r\n");
            }
            whole.push_str(&lines);
            whole.push_str("a=end-of-candidates\r\n");
        }
        if has_next {
            whole.push_str("m=");
        }
        is_media = true;
    }
    Secret::new(whole)
}

/// Nothing that would be a line of its own.
fn is_line(candidate: &str) -> bool {
    candidate.starts_with("candidate:") && !candidate.contains(['\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(text: &str) -> Candidate {
        Candidate {
            candidate: Secret::new(text),
            sdp_mid: None,
            sdp_m_line_index: Some(0),
            username_fragment: None,
        }
    }

    #[test]
    fn each_section_gets_all_candidates_and_their_end() {
        let answer = Secret::new("v=0\r\ns=-\r\nm=video 9\r\na=mid:0\r\nm=audio 9\r\na=mid:1\r\n");
        let candidates = [
            candidate("candidate:1 1 udp 1 192.0.2.1 9 typ host"),
            candidate(""),
            candidate("candidate:2\r\na=forged"),
        ];
        let whole = complete(&answer, &candidates);
        assert_eq!(
            whole.expose(),
            "v=0\r\ns=-\r\nm=video 9\r\na=mid:0\r\n\
             a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n\
             m=audio 9\r\na=mid:1\r\n\
             a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n"
        );
    }

    #[test]
    fn an_answer_of_another_form_passes_as_it_is() {
        for text in ["", "v=0", "m="] {
            assert_eq!(complete(&Secret::new(text), &[]).expose(), text);
        }
    }
}
