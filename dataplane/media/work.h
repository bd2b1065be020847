// Work: what is done to the payload of one direction of a stream beyond passing it on.
//
// Payload types are renumbered, G.711 is transcoded and cut anew, comfort noise becomes noise where
// the receiver takes none, silence that nobody announced is filled, digits are found, rescaled,
// reported or made, as events or as tones (RFC 3551, 3389, 4733). Called by the work stage with
// whole, unprotected RTP packets and by Table for what time brings. State is fixed in size; no
// input can make it anything but a packet that goes on or does not. One worker only.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/contract/time.h"
#include "dataplane/media/codec_plan.h"
#include "dataplane/media/digit_ring.h"
#include "dataplane/media/event_reader.h"
#include "dataplane/media/event_sender.h"
#include "dataplane/media/noise.h"
#include "dataplane/media/out_stream.h"
#include "dataplane/media/output.h"
#include "dataplane/media/repacketizer.h"
#include "dataplane/media/tone_detector.h"
#include "dataplane/media/tone_sender.h"

namespace demarc::media {

class Work {
 public:
  // Larger parts that not every plan needs, lent by Table; nullptr where there is none. They must
  // stay where they are as long as the Work has them.
  struct Parts {
    ToneDetector* detector = nullptr;
    Repacketizer* repacketizer = nullptr;
  };
  struct Origin {
    DigitOwner owner;
    uint32_t ssrc = 1;  // of a stream of our own, where nothing came yet; not 0
    uint16_t sequence_number = 0;
    bool is_under_way = false;  // its receiver may have lost something already
  };

  // A new stream.
  void begin(const Origin& origin) {
    *this = Work{};
    origin_ = origin;
  }
  // From now on. Numbers go on, and a digit that is under way stays one digit.
  void plan(const CodecPlan& plan, const Parts& parts);
  const CodecPlan& current_plan() const { return plan_; }
  // Whether packets must still get other numbers, or reports other counts, whatever the plan says.
  bool is_shifted() const {
    const bool is_counted_alike = stream_.extra() == 0 && extra_octets_ == 0 && lost_in_ == lost_;
    return stream_.is_shifted() || (stream_.has_input() && !is_counted_alike);
  }
  // Whether a packet's number behind us may be another one than before us.
  bool changes_numbers() const { return is_cutting() || is_shifted(); }
  const Parts& parts() const { return parts_; }

  // An RTP packet that is to go on. `room` octets from its begin may be written.
  struct Packet {
    uint8_t* octets = nullptr;
    uint16_t length = 0;
    uint16_t room = 0;
    bool is_changed = false;  // set by process(): any octet or the length
  };
  // What the work leaves behind. Its output belongs right behind the packet.
  struct Yield {
    Output& output;
    DigitRing& digits;
    uint32_t lost_digits = 0;  // for which there was no room
  };
  // False when the packet does not go on; else it may be changed and of another length. RTCP and
  // what is no RTP go on as they are.
  bool process(Packet& packet, Yield& yield, contract::Instant now);
  // For RTCP of the stream as it passes (RFC 3550 section 7.2). `known`: its reports need other
  // numbers. `foreign`: of an SSRC whose numbers are not known, or that only one side has.
  enum class Reported : uint8_t { untouched, known, foreign };
  Reported reported(uint32_t ssrc) const;
  // What the sender says of what it sent, for the receiver.
  struct Sent {
    uint32_t packets = 0;
    uint32_t octets = 0;
  };
  Sent sent(const Sent& said) const {
    return {said.packets + stream_.extra(), said.octets + extra_octets_};
  }
  // What the receiver says of what it got, for the sender. False for a number that never went out.
  struct Received {
    int32_t lost = 0;
    uint32_t highest_sequence = 0;  // extended
  };
  bool received(Received& said);
  // Whether packets of an event came lately: of a digit that they are of, more is said elsewhere.
  bool hears_events(contract::Instant now) const {
    return event_heard_.is_set() && now - event_heard_ <= both_forms;
  }
  // The sender told this digit elsewhere. An event of it that begins soon is the same digit.
  void told_digit(uint8_t event, contract::Instant now);
  // A digit that the call brings, for the receiver. False when it takes none, or too many wait.
  bool send_digit(uint8_t event, uint16_t duration_ms, contract::Instant now);
  // To be called every few milliseconds from due() on while is_busy().
  void tick(Yield& yield, contract::Instant now);
  bool is_busy() const { return is_acting() || may_fall_silent_; }
  contract::Instant due(contract::Instant now) const {
    return is_acting() ? now : came_at_ + patience;
  }

 private:
  // A digit that is sent in two forms is sent in both within this time, a lost and repeated INFO
  // included.
  static constexpr contract::Duration both_forms = contract::Duration::seconds(3);
  // Without audio for so long, a tone that was being heard is over, and the sender is silent.
  static constexpr contract::Duration patience = contract::Duration::milliseconds(200);
  // Noise goes on for so long without a packet of the sender: a peer that said CN may be muted, one
  // that said nothing may have gone.
  static constexpr contract::Duration longest_said = contract::Duration::seconds(300);
  static constexpr contract::Duration longest_filled = contract::Duration::seconds(30);
  // CN of ours is said so often: one may be lost, and streams without a packet are taken for dead.
  static constexpr contract::Duration between_noise = contract::Duration::seconds(1);
  // Bounds of the noise that fills a silence, in -dBov: the last packet may have been speech.
  static constexpr uint8_t loudest_filled = 50;
  static constexpr uint8_t quietest_filled = 75;
  static constexpr uint16_t usual_audio_octets = 160;
  static constexpr uint8_t usual_noise_level = 60;  // -dBov, of comfort noise that does not say

  enum class Noise : uint8_t {
    none,
    said,    // the sender's CN, as G.711
    filled,  // in place of a sender that fell silent, as G.711
    told,    // the same as CN
  };
  // The packet's parts; audio ends before the padding.
  struct View {
    RtpHeader header;
    std::span<uint8_t> payload;
    bool is_new = false;  // neither late nor a duplicate
    bool has_marker = false;
  };
  bool view(const Packet& packet, View& view) const;
  bool treat(Packet& packet, const View& view, Yield& yield, contract::Instant now);
  void begin_counts(bool is_first);
  void count_made(const Output& output);
  int32_t lost_before_us(int32_t lost);
  bool pass(Packet& packet, const View& view, uint8_t payload_type, contract::Instant now);
  bool absorb(const View& view);
  bool take_audio(Packet& packet, View view, const PlanRow& row, Yield& yield,
                  contract::Instant now);
  bool take_event(Packet& packet, const View& view, const PlanRow& row, Yield& yield,
                  contract::Instant now);
  bool take_noise(Packet& packet, const View& view, const PlanRow& row, Yield& yield,
                  contract::Instant now);
  bool cut(Packet& packet, const View& view, uint8_t payload_type, Yield& yield,
           contract::Instant now);
  void measure(Packet& packet, View& view, const PlanRow& row);
  void fill_silence(Yield& yield, contract::Instant now);
  void end_silence();
  bool is_told(uint8_t event, uint32_t timestamp, contract::Instant now);
  void scale(const View& view, const PlanRow& row, TelephoneEvent& event, uint32_t& timestamp,
             contract::Instant now);
  void listen(const View& view, Law law, Yield& yield, contract::Instant now);
  void end_heard(contract::Instant at, Yield& yield);
  void end_reading(Yield& yield, contract::Instant now);
  void tell(const EventReader::Digit& over, Yield& yield, contract::Instant now);
  void report(const EventReader::Digit& digit, Yield& yield);
  void report_ms(uint8_t event, uint64_t duration_ms, Yield& yield);
  void send_events(Yield& yield, contract::Instant now);
  void sound(const TelephoneEvent& event, uint32_t timestamp, Yield& yield, contract::Instant now);
  void end_tone(const EventReader::Digit& over, Yield& yield, contract::Instant now);
  void begin_tones(contract::Instant now);
  void make_tones(std::span<uint8_t> audio);
  void tick_audio(Yield& yield, contract::Instant now);
  void emit(std::span<const uint8_t> payload, uint8_t payload_type, Yield& yield,
            contract::Instant now);
  void go_on_after(contract::Duration length, contract::Instant now);
  bool is_acting() const {
    return sender_.is_busy() || reader_.is_busy() || makes_audio() || tone_ != no_event;
  }
  bool makes_audio() const { return noise_ != Noise::none || tones_.is_busy(); }
  bool is_cutting() const { return plan_.ptime_ms != 0 && parts_.repacketizer != nullptr; }

  CodecPlan plan_;
  Parts parts_;
  Origin origin_;
  OutStream stream_;
  EventSender sender_;
  EventReader reader_;
  ToneSender tones_;
  contract::Instant event_heard_;
  contract::Instant told_at_;
  contract::Instant tone_began_;
  contract::Instant heard_at_;  // when audio was listened to last
  contract::Instant made_due_;
  contract::Instant came_at_;      // the last new packet
  contract::Instant noise_until_;  // set with noise_
  uint32_t made_timestamp_ = 0;
  NoiseMaker noise_maker_;
  uint32_t power_ = 0;               // of the last packet of audio
  uint32_t event_timestamp_in_ = 0;  // of the event whose clock is rescaled
  uint32_t event_timestamp_out_ = 0;
  uint16_t audio_octets_ = usual_audio_octets;  // of the last packet with audio
  uint32_t told_timestamp_ = 0;                 // of its event, once that has begun
  uint8_t told_ = no_event;                     // the digit that was told elsewhere
  bool has_told_begun_ = false;
  uint8_t tone_ = no_event;  // being heard
  uint8_t read_khz_ = 8;     // clock of the events that are read
  uint8_t noise_level_ = usual_noise_level;
  uint8_t noise_payload_type_ = 0;
  Law noise_law_ = Law::a;
  Noise noise_ = Noise::none;     // goes on until there is audio
  bool may_fall_silent_ = false;  // the last that came is audio whose silence is to be filled
  bool is_resuming_ = false;      // a silence was filled, and no audio came since
  bool has_scaled_ = false;
  bool has_sounded_ = false;   // the event under way was begun as a tone
  bool is_loss_due_ = false;   // the first report says what was lost before there was work
  uint32_t extra_octets_ = 0;  // of payload that went out beyond what came in, modulo 2^32
  int32_t lost_ = 0;           // as the receiver said last
  int32_t lost_in_ = 0;        // the same, in packets of the sender
  int32_t lost_octets_ = 0;    // of it, less than one packet
};

}  // namespace demarc::media
