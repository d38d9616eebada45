#pragma once

#include <stdexcept>
#include <string>

namespace apiary {

/// Something that a user or a file did wrong, or that the machine could not give.
/// Says what happened, where (file, line or field) and what to do about it; what() joins the three in one line.
class Error : public std::runtime_error {
public:
    Error(std::string what, std::string where, std::string remedy);

    const std::string &problem() const { return m_problem; }
    const std::string &where() const { return m_where; }
    const std::string &remedy() const { return m_remedy; }

private:
    std::string m_problem;
    std::string m_where;
    std::string m_remedy;
};

/// A mistake of usage or input (the command line exits with 2); every other Error exits with 1.
class InputError : public Error {
public:
    using Error::Error;
};

/// Long work that was asked to stop. Not an Error: nothing is wrong, nothing half-done stays behind.
class Cancelled : public std::exception {
public:
    const char *what() const noexcept override { return "stopped"; }
};

} // namespace apiary
