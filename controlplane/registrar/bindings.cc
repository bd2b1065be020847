#include "controlplane/registrar/bindings.h"

#include <algorithm>
#include <utility>

#include "controlplane/registrar/register_request.h"

namespace demarc::registrar {

size_t Bindings::index_of(const std::string& trunk, const std::string& user,
                          const std::string& contact) const {
  for (size_t i = 0; i < rows_.size(); ++i) {
    const Binding& row = rows_[i];
    if (row.trunk == trunk && row.user == user && is_same_contact(row.contact, contact)) return i;
  }
  return rows_.size();
}

const Binding* Bindings::find(const std::string& trunk, const std::string& user,
                              const std::string& contact) const {
  const size_t index = index_of(trunk, user, contact);
  return index == rows_.size() || !rows_[index].is_live() ? nullptr : &rows_[index];
}

std::vector<Binding> Bindings::of(const std::string& trunk, const std::string& user) const {
  std::vector<Binding> found;
  for (const Binding& row : rows_) {
    if (row.is_live() && row.trunk == trunk && (user.empty() || row.user == user)) {
      found.push_back(row);
    }
  }
  return found;
}

void Bindings::accept(Binding binding, uint64_t now_ms) {
  binding.expires_ms = now_ms + uint64_t{binding.interval_s} * 1000;
  const size_t index = index_of(binding.trunk, binding.user, binding.contact);
  if (index == rows_.size()) {
    binding.state = State::absent;
    rows_.push_back(std::move(binding));
    published_.push_back(0);
    return apply(rows_.back(), Event::accepted, now_ms);
  }
  Binding& row = rows_[index];
  const bool is_same = row.target == binding.target && row.source == binding.source &&
                       row.host == binding.host && row.port == binding.port &&
                       row.path == binding.path && row.q == binding.q;
  // The row on disk is named by the contact as it was written first.
  binding.contact = row.contact;
  binding.state = row.state;
  row = std::move(binding);
  apply(row, is_same ? Event::accepted : Event::moved, now_ms);
}

void Bindings::restore(Binding binding, uint64_t now_ms) {
  if (binding.expires_ms <= now_ms) {
    changes_.push_back({std::move(binding), true});
    return;
  }
  binding.state = State::bound;
  binding.timer_ms = binding.expires_ms;
  rows_.push_back(std::move(binding));
  published_.push_back(0);
}

void Bindings::remove(const std::string& trunk, const std::string& user, const std::string& contact,
                      uint64_t now_ms) {
  const size_t index = index_of(trunk, user, contact);
  if (index != rows_.size()) apply(rows_[index], Event::removed, now_ms);
  drop_absent();
}

void Bindings::in_force(uint64_t version, uint64_t now_ms) {
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (published_[i] <= version) apply(rows_[i], Event::in_force, now_ms);
  }
}

void Bindings::tick(uint64_t now_ms) {
  for (Binding& row : rows_) {
    if (row.timer_ms != 0 && row.timer_ms <= now_ms) apply(row, Event::timer, now_ms);
  }
  drop_absent();
}

void Bindings::forget(const std::function<bool(const std::string& trunk)>& has_calls,
                      uint64_t now_ms) {
  for (Binding& row : rows_) {
    if (row.state == State::over && !has_calls(row.trunk)) apply(row, Event::no_calls, now_ms);
  }
  drop_absent();
}

void Bindings::apply(Binding& binding, Event event, uint64_t now_ms) {
  const Step taken = step(binding.state, event);
  if (!taken.is_edge) return;
  const bool was_live = binding.is_live();
  binding.state = taken.to;
  binding.timer_ms = 0;
  if ((taken.actions & action::publish) != 0) {
    published_[static_cast<size_t>(&binding - rows_.data())] = ++version_;
  }
  if ((taken.actions & action::start_patience) != 0) {
    binding.timer_ms = now_ms + in_force_patience_ms;
  }
  if ((taken.actions & action::start_interval) != 0) binding.timer_ms = binding.expires_ms;
  if ((taken.actions & action::start_lingering) != 0) binding.timer_ms = now_ms + lingering_ms;
  const bool is_asked = event == Event::accepted || event == Event::moved;
  if (is_asked) changes_.push_back({binding, false});
  if (was_live && !binding.is_live()) changes_.push_back({binding, true});
}

void Bindings::drop_absent() {
  for (size_t i = rows_.size(); i-- > 0;) {
    if (rows_[i].state != State::absent) continue;
    rows_.erase(rows_.begin() + static_cast<ptrdiff_t>(i));
    published_.erase(published_.begin() + static_cast<ptrdiff_t>(i));
  }
}

Bindings::Changes Bindings::take_changes() {
  return std::exchange(changes_, {});
}

}  // namespace demarc::registrar
