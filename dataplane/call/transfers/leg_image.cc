#include "dataplane/call/transfers/leg_image.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "dataplane/call/transfers/dialog_texts.h"

namespace demarc::call::transfers {
namespace {

static_assert(std::is_trivially_copyable_v<LegImage>);

// Puts texts behind the struct.
class TextWriter {
 public:
  explicit TextWriter(std::span<char> out)
      : out_(out.first(std::min(out.size(), max_leg_octets))), used_(sizeof(LegImage)) {
    is_full_ = used_ > out_.size();
  }
  Span put(std::string_view piece) {
    if (is_full_ || piece.size() > out_.size() - used_) {
      is_full_ = true;
      return {};
    }
    const Span span{static_cast<uint16_t>(used_), static_cast<uint16_t>(piece.size())};
    std::copy(piece.begin(), piece.end(), out_.begin() + static_cast<ptrdiff_t>(used_));
    used_ += piece.size();
    return span;
  }
  bool is_full() const { return is_full_; }
  size_t used() const { return used_; }

 private:
  std::span<char> out_;
  size_t used_;
  bool is_full_ = false;
};

// Every Span of an image.
template <class Take>
void each_span(LegImage& image, Take take) {
  each_text(image.leg.dialog, take);
  for (Span* span :
       {&image.trunk_name, &image.said, &image.shown, &image.named_call_id, &image.named_tag,
        &image.named_remote_tag, &image.referred_to, &image.referred_by}) {
    take(*span);
  }
}

}  // namespace

std::string_view write_leg(LegImage image, const LegTexts& texts, std::span<char> out) {
  TextWriter writer(out);
  Leg& leg = image.leg;
  each_text(leg.dialog, [&](Span& span) { span = writer.put(text(span, texts.dialog)); });
  leg.invite = {};
  leg.session_due = {};
  leg.is_indexed = leg.counted.is_set = false;
  leg.origin = {};
  leg.offer = dialog::OfferState::idle;
  image.trunk_name = writer.put(texts.trunk_name);
  image.said = writer.put(texts.said);
  image.shown = writer.put(texts.shown);
  image.named_call_id = writer.put(texts.named_call_id);
  image.named_tag = writer.put(texts.named_tag);
  image.named_remote_tag = writer.put(texts.named_remote_tag);
  image.referred_to = writer.put(texts.referred_to);
  image.referred_by = writer.put(texts.referred_by);
  if (writer.is_full()) return {};
  image.version = LegImage::current_version;
  image.octets = static_cast<uint32_t>(writer.used());
  std::memcpy(out.data(), &image, sizeof image);
  return {out.data(), writer.used()};
}

bool read_leg(std::string_view octets, LegImage& image) {
  if (octets.size() < sizeof image) return false;
  std::memcpy(&image, octets.data(), sizeof image);
  if (image.version != LegImage::current_version || image.octets != octets.size()) return false;
  bool is_whole = image.leg.dialog.state == dialog::State::confirmed;
  each_span(image, [&](Span& span) {
    const size_t end = size_t{span.offset} + span.length;
    if (end > octets.size() || (span.length != 0 && span.offset < sizeof image)) is_whole = false;
  });
  return is_whole;
}

}  // namespace demarc::call::transfers
