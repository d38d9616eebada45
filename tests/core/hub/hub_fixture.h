#pragma once

#include "base/error.h"
#include "base/random.h"
#include "hub/sha256.h"
#include "hub/transfer.h"

#include <QByteArray>
#include <QString>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace apiary::tests {

/// Bytes that look like nothing else, the same for the same seed.
inline std::string noise(std::size_t size, std::uint64_t seed = 1)
{
    CounterRng rng(seed);
    std::string bytes(size, '\0');
    for (char &byte : bytes)
        byte = static_cast<char>(rng.below(256));
    return bytes;
}

inline std::string sha256Of(const std::string &bytes)
{
    hub::Sha256 hash;
    hash.update(bytes);
    return hash.hex();
}

inline std::string contents(const std::filesystem::path &file)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

inline void writeFile(const std::filesystem::path &file, const std::string &bytes)
{
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
}

/// A network whose patience fits a test.
inline hub::Network quickNetwork()
{
    hub::Network network;
    network.pauseSeconds = 0.01;
    network.stallSeconds = 1;
    network.stallBytes = 1000;
    network.connectSeconds = 5;
    return network;
}

struct Thrown {
    bool input = false; ///< an InputError
    QString text;       ///< empty where nothing was thrown
};

/// What a call throws, of apiary's errors.
template <typename Call>
Thrown thrownBy(Call call)
{
    try {
        call();
    } catch (const InputError &error) {
        return {true, QString::fromStdString(error.what())};
    } catch (const Error &error) {
        return {false, QString::fromStdString(error.what())};
    }
    return {};
}

/// Sets an environment variable (or removes it) while it lives.
class Variable {
public:
    Variable(const char *name, const std::optional<std::string> &value) : m_name(name)
    {
        if (const char *before = std::getenv(name))
            m_before = before;
        set(value);
    }
    ~Variable() { set(m_before); }
    Variable(const Variable &) = delete;
    Variable &operator=(const Variable &) = delete;

private:
    void set(const std::optional<std::string> &value) const
    {
        if (value)
            setenv(m_name, value->c_str(), 1);
        else
            unsetenv(m_name);
    }

    const char *m_name;
    std::optional<std::string> m_before;
};

} // namespace apiary::tests
