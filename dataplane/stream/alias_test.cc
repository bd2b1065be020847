#include "dataplane/stream/alias.h"

#include <gtest/gtest.h>

#include <string>

#include "sip-parser/parse.h"

namespace demarc::stream {
namespace {

using contract::IpAddress;
using contract::Transport;

const IpAddress source = IpAddress::v4(192, 0, 2, 7);

AliasOffer offer_of(std::string message, Transport transport = Transport::tcp) {
  const size_t size = message.size();
  message.append(sip::padding_octets, '\0');
  return alias_of(std::string_view(message).substr(0, size), source, transport);
}

std::string request_with(const std::string& via) {
  return "OPTIONS sip:box SIP/2.0\r\nVia: " + via +
         "\r\nFrom: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"
         "Content-Length: 0\r\n\r\n";
}

TEST(Alias, IsThePortOfTheViaAtTheAddressOfTheConnection) {
  const AliasOffer offer =
      offer_of(request_with("SIP/2.0/TCP pbx.example:5070;alias;branch=z9hG4bK1"));
  EXPECT_TRUE(offer.is_request);
  ASSERT_TRUE(offer.alias);
  EXPECT_EQ(*offer.alias, (contract::Endpoint{source, 5070}));
}

TEST(Alias, WithoutPortIsThatOfTheTransport) {
  const std::string request = request_with("SIP/2.0/TLS pbx.example;branch=z9hG4bK1;alias");
  EXPECT_EQ(offer_of(request, Transport::tls).alias, (contract::Endpoint{source, 5061}));
  EXPECT_EQ(offer_of(request, Transport::tcp).alias, (contract::Endpoint{source, 5060}));
}

TEST(Alias, OnlyTheTopViaOffersOne) {
  const AliasOffer offer = offer_of(
      request_with("SIP/2.0/TCP a;branch=z9hG4bK1\r\nVia: SIP/2.0/TCP b;alias;branch=z9hG4bK2"));
  EXPECT_TRUE(offer.is_request);
  EXPECT_FALSE(offer.alias);
}

TEST(Alias, AParameterThatOnlyBeginsLikeItIsNone) {
  EXPECT_FALSE(offer_of(request_with("SIP/2.0/TCP a;aliases;branch=z9hG4bK1")).alias);
  EXPECT_FALSE(offer_of(request_with("SIP/2.0/TCP a;branch=alias")).alias);
}

TEST(Alias, AResponseSettlesNothing) {
  const AliasOffer offer = offer_of(
      "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a;alias;branch=z9hG4bK1\r\n"
      "Content-Length: 0\r\n\r\n");
  EXPECT_FALSE(offer.is_request);
  EXPECT_FALSE(offer.alias);
}

TEST(Alias, WhatDoesNotParseSettlesNothing) {
  EXPECT_FALSE(offer_of("no SIP at all").is_request);
  EXPECT_FALSE(offer_of("").is_request);
}

TEST(Alias, AViaThatBreaksTheGrammarOffersNone) {
  EXPECT_FALSE(offer_of(request_with("SIP/2.0/TCP a:99999;alias;branch=z9hG4bK1")).alias);
}

}  // namespace
}  // namespace demarc::stream
