#include "encoder/safetensors.h"

#include "base/error.h"
#include "encoder/durable_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t largestHeader = 100'000'000; // the format's own limit
constexpr std::size_t mostDimensions = 64;           // libtorch's limit
constexpr std::size_t headerAlignment = 64;

struct Dtype {
    const char *name;
    at::ScalarType type;
    std::uint64_t bytes;
};

constexpr Dtype dtypes[] = {
    {"F64", at::kDouble, 8},
    {"F32", at::kFloat, 4},
    {"F16", at::kHalf, 2},
    {"BF16", at::kBFloat16, 2},
    {"I64", at::kLong, 8},
    {"I32", at::kInt, 4},
    {"I16", at::kShort, 2},
    {"I8", at::kChar, 1},
    {"U64", at::kUInt64, 8},
    {"U32", at::kUInt32, 4},
    {"U16", at::kUInt16, 2},
    {"U8", at::kByte, 1},
    {"BOOL", at::kBool, 1},
    {"F8_E4M3", at::kFloat8_e4m3fn, 1},
    {"F8_E5M2", at::kFloat8_e5m2, 1},
};

const Dtype *findDtype(const std::string &name)
{
    const auto found =
        std::find_if(std::begin(dtypes), std::end(dtypes), [&](const Dtype &d) { return name == d.name; });
    return found == std::end(dtypes) ? nullptr : found;
}

[[noreturn]] void failFile(const fs::path &path, const std::string &what)
{
    throw InputError(what, path.string(), "the file is damaged or no safetensors file: download or save it again");
}

/// A name that a message can show whatever a file calls its tensor.
std::string inQuotes(const std::string &name)
{
    return "\"" + (name.size() > 120 ? name.substr(0, 117) + "…" : name) + "\"";
}

std::optional<std::uint64_t> unsignedOf(const json &value)
{
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX))
        return {};
    return value.get<std::uint64_t>();
}

TensorInfo readInfo(const fs::path &path, const std::string &name, const json &entry, std::uint64_t dataSize)
{
    const std::string tensor = "tensor " + inQuotes(name);
    if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets"))
        failFile(path, tensor + " lacks dtype, shape or data_offsets");
    TensorInfo info;
    const Dtype *dtype = entry["dtype"].is_string() ? findDtype(entry["dtype"].get<std::string>()) : nullptr;
    if (!dtype)
        failFile(path, tensor + " has the unknown dtype " + inQuotes(entry["dtype"].dump()));
    info.dtype = dtype->name;

    const json &shape = entry["shape"];
    if (!shape.is_array() || shape.size() > mostDimensions)
        failFile(path, tensor + " has no list of at most 64 sizes as shape");
    std::uint64_t bytes = dtype->bytes;
    for (const json &size : shape) {
        const auto value = unsignedOf(size);
        if (!value)
            failFile(path, tensor + " has the impossible size " + inQuotes(size.dump()) + " in its shape");
        if (__builtin_mul_overflow(bytes, *value, &bytes))
            failFile(path, tensor + " is larger than any memory");
        info.shape.push_back(static_cast<std::int64_t>(*value));
    }

    const json &offsets = entry["data_offsets"];
    const auto begin = offsets.is_array() && offsets.size() == 2 ? unsignedOf(offsets[0]) : std::nullopt;
    const auto end = begin ? unsignedOf(offsets[1]) : std::nullopt;
    if (!begin || !end || *begin > *end)
        failFile(path, tensor + " has data_offsets that are no range");
    if (*end > dataSize)
        failFile(path, tensor + " ends at byte " + std::to_string(*end) + " of data, the file holds " +
                           std::to_string(dataSize));
    if (*end - *begin != bytes)
        failFile(path, tensor + " of shape " + shapeText(info.shape) + " and dtype " + info.dtype + " takes " +
                           std::to_string(bytes) + " bytes, its data_offsets span " + std::to_string(*end - *begin));
    info.begin = *begin;
    info.end = *end;
    return info;
}

/// Ranges side by side, from the first byte of the data to the last.
void checkLayout(const fs::path &path, const std::map<std::string, TensorInfo> &tensors, std::uint64_t dataSize)
{
    std::vector<std::pair<const std::string *, const TensorInfo *>> order;
    for (const auto &[name, info] : tensors)
        order.emplace_back(&name, &info);
    std::sort(order.begin(), order.end(), [](const auto &a, const auto &b) {
        return std::pair(a.second->begin, a.second->end) < std::pair(b.second->begin, b.second->end);
    });
    std::uint64_t at = 0;
    for (const auto &[name, info] : order) {
        if (info->begin < at)
            failFile(path, "tensor " + inQuotes(*name) + " overlaps another");
        if (info->begin > at)
            failFile(path, "bytes " + std::to_string(at) + " to " + std::to_string(info->begin) +
                               " of the data belong to no tensor");
        at = info->end;
    }
    if (at != dataSize)
        failFile(path, "bytes " + std::to_string(at) + " to " + std::to_string(dataSize) +
                           " of the data belong to no tensor");
}

json parseHeader(const fs::path &path, const char *begin, const char *end)
{
    std::set<std::string> seen;
    std::string repeated;
    const auto watch = [&](int depth, json::parse_event_t event, json &parsed) {
        if (depth == 1 && event == json::parse_event_t::key && !seen.insert(parsed.get<std::string>()).second)
            repeated = parsed.get<std::string>();
        return true;
    };
    json header;
    try {
        header = json::parse(begin, end, watch);
    } catch (const json::exception &problem) {
        failFile(path, std::string("the header is not valid JSON: ") + problem.what());
    }
    if (!header.is_object())
        failFile(path, "the header is no JSON object");
    if (!repeated.empty())
        failFile(path, "tensor " + inQuotes(repeated) + " is there twice");
    return header;
}

} // namespace

struct SafetensorsFile::Mapping {
    std::byte *data = nullptr;
    std::size_t size = 0;
    Mapping(std::byte *d, std::size_t s) : data(d), size(s) {}
    Mapping(const Mapping &) = delete;
    Mapping &operator=(const Mapping &) = delete;
    ~Mapping() { ::munmap(data, size); }
};

SafetensorsFile SafetensorsFile::open(const fs::path &path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        throw InputError("cannot be opened: " + std::generic_category().message(errno), path.string(),
                         "check the path and the file's permissions");
    struct stat status {};
    const bool regular = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    void *address = MAP_FAILED;
    if (regular && size >= 8)
        address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor, 0);
    ::close(descriptor);
    if (!regular)
        throw InputError("is no regular file", path.string(), "choose a safetensors file");
    if (size < 8)
        failFile(path, "has " + std::to_string(size) + " bytes, too few for a header");
    if (address == MAP_FAILED)
        throw Error("cannot be mapped into memory", path.string(), "close other programs and try again");

    SafetensorsFile file;
    file.m_path = path;
    file.m_mapping = std::make_shared<Mapping>(static_cast<std::byte *>(address), size);
    std::uint64_t headerSize = 0;
    for (int i = 7; i >= 0; --i)
        headerSize = headerSize << 8 | std::to_integer<std::uint64_t>(file.m_mapping->data[i]);
    if (headerSize > largestHeader)
        failFile(path, "claims a header of " + std::to_string(headerSize) + " bytes, more than the format's " +
                           std::to_string(largestHeader));
    if (headerSize > size - 8)
        failFile(path, "claims a header of " + std::to_string(headerSize) + " bytes, but has only " +
                           std::to_string(size - 8) + " more: it is cut off");
    file.m_dataBegin = 8 + headerSize;
    const std::uint64_t dataSize = size - file.m_dataBegin;
    const char *text = reinterpret_cast<const char *>(file.m_mapping->data) + 8;
    const json header = parseHeader(path, text, text + headerSize);
    for (const auto &[name, entry] : header.items()) {
        if (name != "__metadata__") {
            file.m_tensors.emplace(name, readInfo(path, name, entry, dataSize));
            continue;
        }
        if (!entry.is_object())
            failFile(path, "__metadata__ is no JSON object");
        for (const auto &[key, value] : entry.items()) {
            if (!value.is_string())
                failFile(path, "__metadata__ holds something else than texts");
            file.m_metadata.emplace(key, value.get<std::string>());
        }
    }
    checkLayout(path, file.m_tensors, dataSize);
    return file;
}

std::vector<std::string> SafetensorsFile::names() const
{
    std::vector<std::string> names;
    for (const auto &[name, info] : m_tensors)
        names.push_back(name);
    return names;
}

const TensorInfo &SafetensorsFile::info(const std::string &name) const
{
    const auto found = m_tensors.find(name);
    if (found == m_tensors.end())
        throw InputError("tensor " + inQuotes(name) + " is missing", m_path.string(),
                         "the weights do not belong to this configuration: download the encoder's folder again");
    return found->second;
}

at::Tensor SafetensorsFile::tensor(const std::string &name) const
{
    const TensorInfo &info = this->info(name);
    const Dtype &dtype = *findDtype(info.dtype);
    std::byte *data = m_mapping->data + m_dataBegin + info.begin;
    if (reinterpret_cast<std::uintptr_t>(data) % dtype.bytes != 0) { // a header without padding: copy into place
        at::Tensor copy = at::empty(info.shape, dtype.type);
        std::memcpy(copy.mutable_data_ptr(), data, info.end - info.begin);
        return copy;
    }
    return at::from_blob(
        data, info.shape, [keep = m_mapping](void *) {}, at::TensorOptions(dtype.type));
}

at::Tensor SafetensorsFile::floatTensor(const std::string &name) const
{
    const TensorInfo &info = this->info(name);
    if (!at::isFloatingType(findDtype(info.dtype)->type))
        throw InputError("tensor " + inQuotes(name) + " holds " + info.dtype + ", expected floating-point numbers",
                         m_path.string(), "choose the encoder's unquantized weights");
    return tensor(name).to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

std::string shapeText(std::span<const std::int64_t> shape)
{
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

void writeSafetensors(const fs::path &path, std::span<const std::pair<std::string, at::Tensor>> tensors,
                      const std::map<std::string, std::string> &metadata)
{
    std::vector<std::size_t> order(tensors.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const auto key = [&](std::size_t i) { return std::pair(-tensors[i].second.element_size(), tensors[i].first); };
        return key(a) < key(b);
    });
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty())
        header["__metadata__"] = metadata;
    std::uint64_t at = 0;
    for (const std::size_t i : order) {
        const auto &[name, tensor] = tensors[i];
        const auto dtype = std::find_if(std::begin(dtypes), std::end(dtypes),
                                        [&, type = tensor.scalar_type()](const Dtype &d) { return d.type == type; });
        TORCH_CHECK(dtype != std::end(dtypes) && !header.contains(name) && name != "__metadata__",
                    "a tensor that safetensors cannot hold: ", name);
        header[name] = {
            {"dtype", dtype->name}, {"shape", tensor.sizes().vec()}, {"data_offsets", {at, at + tensor.nbytes()}}};
        at += tensor.nbytes();
    }
    std::string text = header.dump();
    text.append((headerAlignment - (8 + text.size()) % headerAlignment) % headerAlignment, ' ');

    const fs::path part = temporarySibling(path);
    try {
        DurableFile file(part);
        char length[8];
        for (int i = 0; i < 8; ++i)
            length[i] = static_cast<char>(text.size() >> (8 * i) & 0xFF);
        file.write(length, sizeof length);
        file.write(text);
        for (const std::size_t i : order) {
            const at::Tensor value = tensors[i].second.detach().to(at::kCPU).contiguous();
            file.write(value.const_data_ptr(), value.nbytes());
        }
        file.finish();
        renameDurably(part, path);
    } catch (...) {
        std::error_code ignored;
        fs::remove(part, ignored);
        throw;
    }
}

} // namespace apiary::encoder
