#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace apiary::text {

template <typename Signature>
class FunctionRef;

/// Something callable, borrowed for the length of a call: costs no allocation.
template <typename Result, typename... Arguments>
class FunctionRef<Result(Arguments...)> {
public:
    template <typename Callable>
    requires(!std::is_same_v<std::remove_cvref_t<Callable>, FunctionRef>)
        FunctionRef(const Callable &callable) // NOLINT(google-explicit-constructor): lambdas are passed as they are
        : m_object(std::addressof(callable))
        , m_call([](const void *object, Arguments... arguments) -> Result {
            return (*static_cast<const Callable *>(object))(std::forward<Arguments>(arguments)...);
        })
    {
    }

    Result operator()(Arguments... arguments) const { return m_call(m_object, std::forward<Arguments>(arguments)...); }

private:
    const void *m_object;
    Result (*m_call)(const void *, Arguments...);
};

} // namespace apiary::text
