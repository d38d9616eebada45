#include "base/error.h"

namespace apiary {

namespace {

std::string joined(const std::string &what, const std::string &where, const std::string &remedy)
{
    std::string text = where.empty() ? what : where + ": " + what;
    if (!remedy.empty())
        text += " (" + remedy + ")";
    return text;
}

} // namespace

Error::Error(std::string what, std::string where, std::string remedy)
    : std::runtime_error(joined(what, where, remedy))
    , m_problem(std::move(what))
    , m_where(std::move(where))
    , m_remedy(std::move(remedy))
{
}

} // namespace apiary
