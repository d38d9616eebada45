#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace apiary::tests {

/// A small HTTP/1.1 server on this machine that can misbehave: for tests of downloads. One thread a connection, one
/// request a connection.
class HttpServer {
public:
    struct Request {
        std::string method;
        std::string path;                           ///< with its query
        std::map<std::string, std::string> headers; ///< names in lower case

        std::string header(const std::string &name) const
        {
            const auto it = headers.find(name);
            return it == headers.end() ? std::string() : it->second;
        }
    };
    struct Reply {
        int status = 200;
        std::string body{};
        std::vector<std::pair<std::string, std::string>> headers{};
        std::string etag{};           ///< with its quotes
        bool ranges = true;           ///< answers Range with 206
        bool heedsIfRange = true;     ///< sends the whole file where If-Range names another version
        bool length = true;           ///< says Content-Length; without, the connection's end is the body's
        std::int64_t breakAfter = -1; ///< cuts the connection after so many bytes of the body
        std::size_t pieceBytes = 0;   ///< sends so many bytes at once …
        int pauseMs = 0;              ///< … with a pause between
    };
    using Handler = std::function<Reply(const Request &)>;

    explicit HttpServer(Handler handler) : m_handler(std::move(handler))
    {
        m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(m_listener, reinterpret_cast<sockaddr *>(&address), size) != 0 || ::listen(m_listener, 64) != 0 ||
            ::getsockname(m_listener, reinterpret_cast<sockaddr *>(&address), &size) != 0)
            std::abort();
        m_port = ntohs(address.sin_port);
        m_acceptor = std::thread([this] { accept(); });
    }
    ~HttpServer()
    {
        m_ending = true;
        ::shutdown(m_listener, SHUT_RDWR);
        m_acceptor.join();
        ::close(m_listener);
        for (std::thread &thread : m_threads)
            thread.join();
    }
    HttpServer(const HttpServer &) = delete;
    HttpServer &operator=(const HttpServer &) = delete;

    std::string url(const std::string &path = {}) const { return "http://127.0.0.1:" + std::to_string(m_port) + path; }
    std::vector<Request> requests() const
    {
        const std::lock_guard lock(m_mutex);
        return m_requests;
    }

private:
    void accept()
    {
        for (;;) {
            const int connection = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (connection < 0 || m_ending) {
                if (connection >= 0)
                    ::close(connection);
                if (m_ending)
                    return;
                continue;
            }
            m_threads.emplace_back([this, connection] {
                serve(connection);
                ::shutdown(connection, SHUT_RDWR);
                ::close(connection);
            });
        }
    }

    static bool send(int connection, const char *data, std::size_t size)
    {
        while (size > 0) {
            const ssize_t sent = ::send(connection, data, size, MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            data += sent;
            size -= static_cast<std::size_t>(sent);
        }
        return true;
    }

    static bool read(int connection, Request &request)
    {
        std::string text;
        char buffer[4096];
        while (text.find("\r\n\r\n") == std::string::npos) {
            const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
            if (count <= 0 || text.size() > 65536)
                return false;
            text.append(buffer, static_cast<std::size_t>(count));
        }
        std::size_t at = text.find("\r\n");
        const std::string first = text.substr(0, at);
        request.method = first.substr(0, first.find(' '));
        request.path = first.substr(first.find(' ') + 1);
        request.path = request.path.substr(0, request.path.find(' '));
        for (std::size_t next = 0; (next = text.find("\r\n", at + 2)) != at + 2 && next != std::string::npos;
             at = next) {
            const std::string line = text.substr(at + 2, next - at - 2);
            const auto colon = line.find(": ");
            if (colon == std::string::npos)
                continue;
            std::string name = line.substr(0, colon);
            for (char &c : name)
                c = static_cast<char>(std::tolower(c));
            request.headers[name] = line.substr(colon + 2);
        }
        return true;
    }

    void serve(int connection)
    {
        Request request;
        if (!read(connection, request))
            return;
        {
            const std::lock_guard lock(m_mutex);
            m_requests.push_back(request);
        }
        Reply reply = m_handler(request);
        std::size_t from = 0;
        const std::string range = request.header("range");
        const std::string condition = request.header("if-range");
        const bool wanted = condition.empty() || !reply.heedsIfRange || condition == reply.etag;
        const std::string total = std::to_string(reply.body.size());
        std::string head;
        if (reply.status == 200 && reply.ranges && wanted && range.starts_with("bytes=")) {
            from = std::stoul(range.substr(6));
            if (from >= reply.body.size()) {
                reply.status = 416;
                head = "Content-Range: bytes */" + total + "\r\n";
                reply.body.clear();
                from = 0;
            } else {
                reply.status = 206;
                head = "Content-Range: bytes " + std::to_string(from) + "-" + std::to_string(reply.body.size() - 1) +
                       "/" + total + "\r\n";
            }
        }
        head = "HTTP/1.1 " + std::to_string(reply.status) + " Answer\r\nConnection: close\r\n" + head;
        if (reply.length)
            head += "Content-Length: " + std::to_string(reply.body.size() - from) + "\r\n";
        if (!reply.etag.empty())
            head += "ETag: " + reply.etag + "\r\n";
        for (const auto &[name, value] : reply.headers)
            head += name + ": " + value + "\r\n";
        head += "\r\n";
        if (!send(connection, head.data(), head.size()))
            return;
        std::size_t left = reply.body.size() - from;
        if (reply.breakAfter >= 0)
            left = std::min(left, static_cast<std::size_t>(reply.breakAfter));
        const std::size_t piece = reply.pieceBytes > 0 ? reply.pieceBytes : std::max<std::size_t>(left, 1);
        while (left > 0 && !m_ending) {
            const std::size_t count = std::min(piece, left);
            if (!send(connection, reply.body.data() + from, count))
                return;
            from += count;
            left -= count;
            if (left > 0 && reply.pauseMs > 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(reply.pauseMs));
        }
    }

    Handler m_handler;
    int m_listener = -1;
    unsigned m_port = 0;
    std::atomic<bool> m_ending{false};
    std::thread m_acceptor;
    std::list<std::thread> m_threads;
    mutable std::mutex m_mutex;
    std::vector<Request> m_requests;
};

} // namespace apiary::tests
