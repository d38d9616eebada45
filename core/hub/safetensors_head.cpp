#include "hub/safetensors_head.h"

#include "base/error.h"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uint64_t maxHead = std::uint64_t{100} << 20; // the format's own limit
constexpr std::int64_t maxElements = std::int64_t{1} << 50;

[[noreturn]] void bad(const std::string &what, const fs::path &file)
{
    throw InputError(what, file.string(), "fetch the file again");
}

std::int64_t elementsOf(const Json &tensor, const std::string &name, const fs::path &file)
{
    const auto shape = tensor.find("shape");
    if (shape == tensor.end() || !shape->is_array())
        bad("tensor " + name + " has no shape", file);
    std::int64_t product = 1;
    for (const Json &side : *shape) {
        const std::int64_t value = side.is_number_integer() ? side.get<std::int64_t>() : -1;
        if (value < 0 || (value > 0 && product > maxElements / value))
            bad("tensor " + name + " has an impossible shape", file);
        product *= value;
    }
    return product;
}

} // namespace

SafetensorsHead readSafetensorsHead(const fs::path &file)
{
    std::ifstream stream(file, std::ios::binary);
    std::error_code code;
    const std::uintmax_t size = fs::file_size(file, code);
    if (!stream || code)
        throw InputError("cannot be read", file.string(), "check that it is there");
    std::array<unsigned char, 8> bytes{};
    if (!stream.read(reinterpret_cast<char *>(bytes.data()), bytes.size()))
        bad("is shorter than a safetensors file can be", file);
    std::uint64_t length = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        length = length << 8 | bytes[i];
    if (length > maxHead || length + bytes.size() > size)
        bad("is no safetensors file, or is cut off", file);
    std::string text(length, '\0');
    if (!stream.read(text.data(), static_cast<std::streamsize>(length)))
        bad("could not be read to the end of its head", file);
    const Json head = Json::parse(text, nullptr, false);
    if (!head.is_object())
        bad("has a damaged head", file);
    SafetensorsHead result;
    std::uintmax_t end = 0;
    for (const auto &[name, tensor] : head.items()) {
        if (name == "__metadata__")
            continue;
        const auto dtype = tensor.is_object() ? tensor.find("dtype") : tensor.end();
        if (!tensor.is_object() || dtype == tensor.end() || !dtype->is_string())
            bad("tensor " + name + " has no dtype", file);
        const std::string type = dtype->get<std::string>();
        const std::int64_t elements = elementsOf(tensor, name, file);
        result.elements[type] += elements;
        if (type.starts_with('F') || type.starts_with("BF"))
            result.parameters += elements;
        if (const auto offsets = tensor.find("data_offsets"); offsets != tensor.end() && offsets->is_array() &&
                                                              offsets->size() == 2 &&
                                                              (*offsets)[1].is_number_unsigned())
            end = std::max(end, (*offsets)[1].get<std::uintmax_t>());
    }
    if (end > size - length - bytes.size())
        bad("is cut off: " + std::to_string(size) + " bytes of " + std::to_string(length + bytes.size() + end), file);
    return result;
}

} // namespace apiary::hub
