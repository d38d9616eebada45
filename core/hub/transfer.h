#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::hub {

/// How the network is reached. Proxies are those of the environment (https_proxy, no_proxy …), certificates those of
/// CURL_CA_BUNDLE, SSL_CERT_FILE or REQUESTS_CA_BUNDLE where one is set, else the system's.
struct Network {
    std::string offline;     ///< why nothing may be fetched ("HF_HUB_OFFLINE=1 is set"); empty: it may
    std::string token;       ///< sent as a bearer token to the address's own host, never to where it redirects
    int connectSeconds = 20; ///< for a connection to come about
    int stallSeconds = 30;   ///< slower than stallBytes a second for so long counts as broken
    int stallBytes = 64;     //
    int retries = 5;         ///< after so many failures in a row that brought less than enoughBytes it is given up
    std::int64_t enoughBytes = std::int64_t{64} << 10; ///< what a try must bring to count as progress
    double pauseSeconds = 1.0;                         ///< before the first retry; doubles up to half a minute
};

/// Why nothing may be fetched, from HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE, APIARY_OFFLINE or the setting; empty where it may.
std::string offlineReason(bool setting = false);

/// A server's answer, after redirects.
struct Answer {
    int status = 0;
    std::string url;                            ///< where it came from in the end
    std::map<std::string, std::string> headers; ///< of the last answer; names in lower case
    std::string linkedEtag;   ///< X-Linked-Etag of any answer on the way: the hub's hash of the content
    std::int64_t length = -1; ///< of the body, -1 where the server does not say
    std::string body;         ///< the first bytes of an answer that is no success

    std::string header(const std::string &name) const;
};

/// A transfer that did not come to its end.
struct TransferFailure {
    enum class Kind { NoNetwork, Certificate, Address, Broken };
    Kind kind = Kind::Broken;
    std::string text;
};

/// What a GET does with what arrives. `begin` is called once before the first byte of a success (status 2xx) or for one
/// without bytes, `bytes` for each part; either returns false to end the transfer early, which is no failure.
struct Receiver {
    std::function<bool(const Answer &)> begin;
    std::function<bool(std::string_view)> bytes;
};

/// One GET with redirects; no retries. Throws TransferFailure, Cancelled within a fraction of a second of a stop, and
/// InputError where the network is off or the address is none of http or https. Any thread.
Answer get(const std::string &url, const Network &network, const std::vector<std::string> &headers, Receiver receiver,
           std::stop_token stop);

/// A small document, with retries. Throws InputError or Error as download() does, and Error beyond `limit` bytes.
std::string fetchText(const std::string &url, const Network &network, const std::vector<std::string> &headers,
                      std::int64_t limit, std::stop_token stop, std::string *finalUrl = nullptr,
                      std::string *contentType = nullptr);

/// An address without user, password and query, which may be secrets.
std::string shownUrl(const std::string &url);
/// A reference as it stands in a document, made absolute.
std::string resolveUrl(const std::string &base, const std::string &reference);
/// Percent-encodes all but unreserved characters; slashes stay where `path`.
std::string encodeUrl(std::string_view text, bool path);

/// Whether waiting and trying again may help (429, 5xx …).
bool worthRetrying(const Answer &answer);
/// Throws what an answer without success means for the user.
[[noreturn]] void throwAnswer(const Answer &answer, const std::string &url);
[[noreturn]] void throwFailure(const TransferFailure &failure, const std::string &url);
/// Sleeps before retry number `failures` (from 1), longer where the server says so. Throws Cancelled.
void pauseBeforeRetry(int failures, const Network &network, const Answer *answer, std::stop_token stop);

} // namespace apiary::hub
