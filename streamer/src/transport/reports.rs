//! What a transport-wide feedback packet says of each packet
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01).

use std::time::Duration;

use rtc::rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, SymbolTypeTcc, TransportLayerCc,
};

/// The reference time counts in these.
const REFERENCE_TICK: Duration = Duration::from_millis(64);

/// The transport-wide number of each packet that is reported, with its time of arrival by the
/// receiver's clock, or `None` if it has not arrived.
///
/// Lazily, and no more than the feedback itself says it reports: a few bytes can claim millions of
/// packets in their runs. A packet that arrived at no known time is left out.
pub(super) fn reports(
    feedback: &TransportLayerCc,
) -> impl Iterator<Item = (u16, Option<Duration>)> + '_ {
    let mut arrival = REFERENCE_TICK * feedback.reference_time;
    let mut deltas = feedback.recv_deltas.iter();
    let symbols = feedback.packet_chunks.iter().flat_map(symbols);
    symbols
        .take(usize::from(feedback.packet_status_count))
        .enumerate()
        .filter_map(move |(index, symbol)| {
            let number = feedback.base_sequence_number.wrapping_add(index as u16);
            match symbol {
                SymbolTypeTcc::PacketNotReceived => Some((number, None)),
                SymbolTypeTcc::PacketReceivedSmallDelta
                | SymbolTypeTcc::PacketReceivedLargeDelta => {
                    let delta = deltas.next()?.delta;
                    let step = Duration::from_micros(delta.unsigned_abs());
                    arrival = if delta < 0 {
                        arrival.saturating_sub(step)
                    } else {
                        arrival.saturating_add(step)
                    };
                    Some((number, Some(arrival)))
                }
                SymbolTypeTcc::PacketReceivedWithoutDelta => None,
            }
        })
}

fn symbols(chunk: &PacketStatusChunk) -> Box<dyn Iterator<Item = SymbolTypeTcc> + '_> {
    match chunk {
        PacketStatusChunk::RunLengthChunk(run) => Box::new(std::iter::repeat_n(
            run.packet_status_symbol,
            usize::from(run.run_length),
        )),
        PacketStatusChunk::StatusVectorChunk(vector) => {
            Box::new(vector.symbol_list.iter().copied())
        }
    }
}

#[cfg(test)]
mod tests {
    use rtc::rtcp::transport_feedbacks::transport_layer_cc::{
        RecvDelta, RunLengthChunk, StatusVectorChunk,
    };

    use super::*;

    fn run(symbol: SymbolTypeTcc, run_length: u16) -> PacketStatusChunk {
        PacketStatusChunk::RunLengthChunk(RunLengthChunk {
            packet_status_symbol: symbol,
            run_length,
            ..RunLengthChunk::default()
        })
    }

    fn feedback(
        first: u16,
        count: u16,
        packet_chunks: Vec<PacketStatusChunk>,
        deltas: &[i64],
    ) -> TransportLayerCc {
        let delta = |&delta| RecvDelta {
            delta,
            ..RecvDelta::default()
        };
        TransportLayerCc {
            base_sequence_number: first,
            packet_status_count: count,
            reference_time: 2,
            packet_chunks,
            recv_deltas: deltas.iter().map(delta).collect(),
            ..TransportLayerCc::default()
        }
    }

    #[test]
    fn arrivals_add_up_from_the_reference_time_and_numbers_wrap() {
        let symbol_list = vec![
            SymbolTypeTcc::PacketReceivedSmallDelta,
            SymbolTypeTcc::PacketNotReceived,
            SymbolTypeTcc::PacketReceivedLargeDelta,
        ];
        let vector = PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
            symbol_list,
            ..StatusVectorChunk::default()
        });
        let feedback = feedback(u16::MAX, 3, vec![vector], &[250, -1000]);
        let arrival = |us| Some(Duration::from_micros(us));
        assert_eq!(
            reports(&feedback).collect::<Vec<_>>(),
            [
                (u16::MAX, arrival(128_250)),
                (0, None),
                (1, arrival(127_250))
            ]
        );
    }

    #[test]
    fn no_more_is_reported_than_the_feedback_says() {
        let runs = vec![run(SymbolTypeTcc::PacketNotReceived, 8191); 500];
        assert_eq!(reports(&feedback(0, 3, runs.clone(), &[])).count(), 3);
        assert_eq!(reports(&feedback(0, u16::MAX, runs, &[])).count(), 65_535);
    }

    #[test]
    fn arrivals_without_a_time_are_left_out() {
        let runs = vec![run(SymbolTypeTcc::PacketReceivedSmallDelta, 9)];
        assert_eq!(reports(&feedback(0, 9, runs, &[250])).count(), 1);
    }
}
