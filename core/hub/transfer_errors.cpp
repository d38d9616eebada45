#include "hub/transfer.h"

#include "base/cancel.h"
#include "base/error.h"
#include "hub/durable.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <curl/curl.h>
#include <memory>
#include <mutex>

namespace apiary::hub {

namespace {

struct UrlDeleter {
    void operator()(CURLU *url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

std::string part(CURLU *url, CURLUPart which)
{
    char *text = nullptr;
    std::string result;
    if (curl_url_get(url, which, &text, 0) == CURLUE_OK && text)
        result = text;
    curl_free(text);
    return result;
}

} // namespace

std::string shownUrl(const std::string &url)
{
    const Url parsed(curl_url());
    if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        return url.find('@') == std::string::npos ? url.substr(0, url.find('?')) : std::string("the address");
    for (const CURLUPart secret : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT})
        curl_url_set(parsed.get(), secret, nullptr, 0);
    std::string text = part(parsed.get(), CURLUPART_URL);
    if (text.ends_with('/') && !url.ends_with('/')) // curl adds the root's
        text.pop_back();
    return text;
}

std::string resolveUrl(const std::string &base, const std::string &reference)
{
    const Url parsed(curl_url());
    if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, base.c_str(), 0) != CURLUE_OK ||
        curl_url_set(parsed.get(), CURLUPART_URL, reference.c_str(), 0) != CURLUE_OK)
        return reference;
    return part(parsed.get(), CURLUPART_URL);
}

std::string encodeUrl(std::string_view text, bool path)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9') || std::string_view("-._~").find(c) != std::string_view::npos ||
                           (path && c == '/');
        if (plain) {
            result += c;
            continue;
        }
        result += '%';
        result += digits[byte >> 4];
        result += digits[byte & 15];
    }
    return result;
}

bool worthRetrying(const Answer &answer)
{
    return answer.status == 408 || answer.status == 425 || answer.status == 429 || answer.status >= 500;
}

void throwAnswer(const Answer &answer, const std::string &url)
{
    const std::string where = shownUrl(url);
    const std::string code = " (" + std::to_string(answer.status) + ")";
    const std::string said = answer.header("x-error-message");
    const std::string reason = said.empty() ? "" : ": " + said.substr(0, 200);
    switch (answer.status) {
    case 401:
        throw InputError("is not there, or asks for a login" + code + reason, where,
                         "check the name; for a private or gated repository set HF_TOKEN to a token of yours");
    case 403:
        throw InputError("may not be read" + code + reason, where,
                         "accept the terms on the repository's page, and set HF_TOKEN to a token that may read it");
    case 404:
    case 410:
        throw InputError("is not there" + code + reason, where, "check the name, the revision and the address");
    case 429:
        throw Error("the server asks to be left alone for a while" + code + reason, where, "try again later");
    default:
        break;
    }
    if (answer.status >= 500)
        throw Error("the server has a trouble of its own" + code + reason, where, "try again later");
    throw Error("the server answered with an error" + code + reason, where, "check the address");
}

void throwFailure(const TransferFailure &failure, const std::string &url)
{
    const std::string where = shownUrl(url);
    switch (failure.kind) {
    case TransferFailure::Kind::NoNetwork:
        throw Error("cannot be reached: " + failure.text, where,
                    "check the network, the address and the proxy (https_proxy)");
    case TransferFailure::Kind::Certificate:
        throw Error("the server's certificate is not trusted: " + failure.text, where,
                    "name your network's certificates in SSL_CERT_FILE, or check the address");
    case TransferFailure::Kind::Address:
        throw InputError("cannot be used as an address: " + failure.text, where, "check the address");
    case TransferFailure::Kind::Broken:
        break;
    }
    throw Error("the transfer broke off again and again: " + failure.text, where,
                "try again later; what has arrived is kept");
}

void pauseBeforeRetry(int failures, const Network &network, const Answer *answer, std::stop_token stop)
{
    constexpr double longest = 30;
    double seconds = std::min(longest, network.pauseSeconds * std::pow(2, failures - 1));
    if (answer)
        seconds = std::min(longest, std::max(seconds, std::atof(answer->header("retry-after").c_str())));
    std::mutex mutex;
    std::condition_variable_any condition;
    std::unique_lock lock(mutex);
    condition.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
    throwIfStopped(stop);
}

std::string fetchText(const std::string &url, const Network &network, const std::vector<std::string> &headers,
                      std::int64_t limit, std::stop_token stop, std::string *finalUrl, std::string *contentType)
{
    for (int failures = 0;;) {
        std::string text;
        Receiver receiver;
        receiver.begin = [&](const Answer &) {
            text.clear();
            return true;
        };
        receiver.bytes = [&](std::string_view bytes) {
            if (static_cast<std::int64_t>(text.size() + bytes.size()) > limit)
                throw Error("the answer is longer than " + sizeText(limit), shownUrl(url), "check the address");
            text += bytes;
            return true;
        };
        try {
            const Answer answer = get(url, network, headers, receiver, stop);
            if (answer.status >= 200 && answer.status < 300) {
                if (finalUrl)
                    *finalUrl = answer.url;
                if (contentType)
                    *contentType = answer.header("content-type");
                return text;
            }
            if (!worthRetrying(answer) || ++failures > network.retries)
                throwAnswer(answer, url);
            pauseBeforeRetry(failures, network, &answer, stop);
        } catch (const TransferFailure &failure) {
            if (failure.kind != TransferFailure::Kind::Broken || ++failures > network.retries)
                throwFailure(failure, url);
            pauseBeforeRetry(failures, network, nullptr, stop);
        }
    }
}

} // namespace apiary::hub
