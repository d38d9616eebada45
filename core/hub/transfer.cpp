#include "hub/transfer.h"

#include "base/cancel.h"
#include "base/error.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <curl/curl.h>
#include <exception>
#include <memory>
#include <mutex>

namespace apiary::hub {

namespace {

constexpr std::size_t shownBody = 2048;
constexpr int pollMs = 100;

template <auto release>
struct Deleter {
    template <typename Handle>
    void operator()(Handle *handle) const
    {
        release(handle);
    }
};
using Easy = std::unique_ptr<CURL, Deleter<curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Deleter<curl_multi_cleanup>>;
using List = std::unique_ptr<curl_slist, Deleter<curl_slist_free_all>>;

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return c < 128 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
    return result;
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
        text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
        text.remove_suffix(1);
    return text;
}

/// One transfer's state, reached by curl's callbacks. Nothing may be thrown through curl: kept, and thrown after.
struct Transfer {
    CURL *easy = nullptr;
    Answer answer;
    Receiver receiver;
    std::stop_token stop;
    std::exception_ptr thrown;
    bool begun = false;
    bool ended = false; ///< by the receiver

    bool success() const { return answer.status >= 200 && answer.status < 300; }

    bool begin()
    {
        if (begun)
            return !ended;
        begun = true;
        curl_off_t length = -1;
        if (curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) == CURLE_OK)
            answer.length = length;
        if (success() && receiver.begin && !receiver.begin(answer))
            ended = true;
        return !ended;
    }

    std::size_t write(std::string_view bytes)
    {
        if (stop.stop_requested())
            return 0;
        if (!begin())
            return 0;
        if (!success()) {
            answer.body.append(bytes.substr(0, shownBody - std::min(shownBody, answer.body.size())));
            return bytes.size();
        }
        if (receiver.bytes && !receiver.bytes(bytes)) {
            ended = true;
            return 0;
        }
        return bytes.size();
    }

    void header(std::string_view line)
    {
        if (line.starts_with("HTTP/")) { // a new answer: after a redirect, or 100 Continue
            answer.headers.clear();
            const auto space = line.find(' ');
            answer.status = space == std::string_view::npos ? 0 : std::atoi(std::string(line.substr(space)).c_str());
            return;
        }
        const auto colon = line.find(':');
        if (colon == std::string_view::npos)
            return;
        const std::string name = lower(line.substr(0, colon));
        const std::string value(trimmed(line.substr(colon + 1)));
        answer.headers[name] = value;
        if (name == "x-linked-etag")
            answer.linkedEtag = value;
    }
};

std::size_t onWrite(char *data, std::size_t size, std::size_t count, void *user)
{
    auto *transfer = static_cast<Transfer *>(user);
    try {
        return transfer->write({data, size * count});
    } catch (...) {
        transfer->thrown = std::current_exception();
        return 0;
    }
}

std::size_t onHeader(char *data, std::size_t size, std::size_t count, void *user)
{
    auto *transfer = static_cast<Transfer *>(user);
    try {
        transfer->header({data, size * count});
        return size * count;
    } catch (...) {
        transfer->thrown = std::current_exception();
        return 0;
    }
}

std::string firstVariable(std::initializer_list<const char *> names)
{
    for (const char *name : names)
        if (const char *value = std::getenv(name); value && *value)
            return value;
    return {};
}

TransferFailure failureOf(CURL *easy, CURLcode code, const char *detail)
{
    TransferFailure failure;
    failure.text = *detail ? detail : curl_easy_strerror(code);
    curl_off_t connected = 0;
    curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        failure.kind = TransferFailure::Kind::NoNetwork;
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
        failure.kind = TransferFailure::Kind::Certificate;
        break;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
        failure.kind = TransferFailure::Kind::Address;
        break;
    case CURLE_OPERATION_TIMEDOUT:
        if (connected == 0)
            failure.kind = TransferFailure::Kind::NoNetwork;
        break;
    default:
        break;
    }
    return failure;
}

void configure(CURL *easy, Transfer &transfer, const std::string &url, const Network &network, char *errors)
{
    const bool secure = lower(url).starts_with("https://");
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, errors);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "apiary");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(network.connectSeconds));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(network.stallBytes));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(network.stallSeconds));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, onWrite);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, onHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https"); // never back to plain text
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); // a stop does not wait for a name to be resolved
#endif
    if (const std::string file = firstVariable({"CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"});
        !file.empty())
        curl_easy_setopt(easy, CURLOPT_CAINFO, file.c_str());
    if (const std::string folder = firstVariable({"SSL_CERT_DIR"}); !folder.empty())
        curl_easy_setopt(easy, CURLOPT_CAPATH, folder.c_str());
    if (!network.token.empty()) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, network.token.c_str());
    }
}

CURLcode perform(CURLM *multi, CURL *easy, const std::stop_token &stop)
{
    curl_multi_add_handle(multi, easy);
    const auto remove = [&] { curl_multi_remove_handle(multi, easy); };
    for (;;) {
        int running = 0;
        CURLMcode code = curl_multi_perform(multi, &running);
        if (code == CURLM_OK && running)
            code = curl_multi_poll(multi, nullptr, 0, pollMs, nullptr);
        int left = 0;
        while (const CURLMsg *message = curl_multi_info_read(multi, &left))
            if (message->msg == CURLMSG_DONE) {
                const CURLcode result = message->data.result;
                remove();
                return result;
            }
        if (code != CURLM_OK || stop.stop_requested()) {
            remove();
            throwIfStopped(stop);
            return CURLE_FAILED_INIT;
        }
    }
}

} // namespace

std::string Answer::header(const std::string &name) const
{
    const auto it = headers.find(name);
    return it == headers.end() ? std::string() : it->second;
}

std::string offlineReason(bool setting)
{
    for (const char *name : {"APIARY_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}) {
        const char *value = std::getenv(name);
        const std::string text = lower(value ? value : "");
        if (text == "1" || text == "true" || text == "yes" || text == "on")
            return std::string(name) + "=" + value + " is set";
    }
    return setting ? "offline mode is on in the settings" : "";
}

Answer get(const std::string &url, const Network &network, const std::vector<std::string> &headers, Receiver receiver,
           std::stop_token stop)
{
    throwIfStopped(stop);
    if (!network.offline.empty())
        throw InputError("nothing is fetched from the network: " + network.offline, shownUrl(url),
                         "leave offline mode to download");
    if (const std::string start = lower(url.substr(0, 8)); !start.starts_with("http://") && start != "https://")
        throw InputError("is no address of http or https", shownUrl(url), "write https://… in full");
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });

    char errors[CURL_ERROR_SIZE] = "";
    Transfer transfer;
    transfer.receiver = std::move(receiver);
    transfer.stop = stop;
    List list;
    for (const std::string &header : headers)
        list.reset(curl_slist_append(list.release(), header.c_str()));
    const Multi multi(curl_multi_init());
    const Easy easy(curl_easy_init());
    if (!multi || !easy)
        throw std::bad_alloc();
    transfer.easy = easy.get();
    configure(easy.get(), transfer, url, network, errors);
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, list.get());
    const CURLcode code = perform(multi.get(), easy.get(), stop);
    if (transfer.thrown)
        std::rethrow_exception(transfer.thrown);
    throwIfStopped(stop);
    if (code != CURLE_OK && !transfer.ended)
        throw failureOf(easy.get(), code, errors);
    transfer.begin();
    if (transfer.thrown)
        std::rethrow_exception(transfer.thrown);
    char *effective = nullptr;
    if (curl_easy_getinfo(easy.get(), CURLINFO_EFFECTIVE_URL, &effective) == CURLE_OK && effective)
        transfer.answer.url = effective;
    return std::move(transfer.answer);
}

} // namespace apiary::hub
