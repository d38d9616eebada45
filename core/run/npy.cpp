#include "run/npy.h"

#include "base/error.h"

#include <bit>
#include <cstdint>
#include <fstream>
#include <regex>
#include <string>

namespace apiary::run {

static_assert(std::endian::native == std::endian::little, ".npy files here are little-endian");

namespace {

constexpr std::string_view magic{"\x93NUMPY\x01\x00", 8};
constexpr std::size_t alignment = 64; ///< where data begins, as NumPy does it

[[noreturn]] void bad(const std::filesystem::path &file, const std::string &what)
{
    throw InputError(what, file.string(), "write the file again");
}

} // namespace

void writeNpy(const std::filesystem::path &file, const Matrix &matrix)
{
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(matrix.rows()) + ", " +
                         std::to_string(matrix.cols()) + "), }";
    const std::size_t used = magic.size() + 2 + header.size() + 1;
    header.append((alignment - used % alignment) % alignment, ' ');
    header += '\n';

    const std::filesystem::path part = file.string() + ".part";
    std::ofstream out(part, std::ios::binary);
    out.write(magic.data(), static_cast<std::streamsize>(magic.size()));
    out.put(static_cast<char>(header.size() & 0xFF));
    out.put(static_cast<char>(header.size() >> 8));
    out << header;
    out.write(reinterpret_cast<const char *>(matrix.data()),
              static_cast<std::streamsize>(sizeof(float)) * static_cast<std::streamsize>(matrix.size()));
    out.close();
    std::error_code code;
    if (out)
        std::filesystem::rename(part, file, code);
    if (!out || code) {
        std::error_code ignored;
        std::filesystem::remove(part, ignored);
        throw Error("the file cannot be written", file.string(), "check the folder and the disk's free space");
    }
}

Matrix readNpy(const std::filesystem::path &file)
{
    std::ifstream in(file, std::ios::binary);
    std::string start(magic.size() + 2, '\0');
    if (!in.read(start.data(), static_cast<std::streamsize>(start.size())))
        bad(file, "the file cannot be read as .npy");
    if (!start.starts_with(magic))
        bad(file, "this is no .npy file of version 1.0");
    const std::size_t size = static_cast<unsigned char>(start[8]) + 256U * static_cast<unsigned char>(start[9]);
    std::string header(size, '\0');
    if (!in.read(header.data(), static_cast<std::streamsize>(size)))
        bad(file, "the .npy header is cut off");
    static const std::regex shape("'shape': \\(([0-9]{1,15}), ([0-9]{1,15})\\)");
    std::smatch found;
    if (header.find("'descr': '<f4'") == std::string::npos ||
        header.find("'fortran_order': False") == std::string::npos || !std::regex_search(header, found, shape))
        bad(file, "expected a float32 matrix in C order");
    const auto rows = std::stoll(found[1]), columns = std::stoll(found[2]);
    const auto bytes = static_cast<std::uint64_t>(std::filesystem::file_size(file) - start.size() - size);
    __extension__ using Wide = unsigned __int128;
    if (static_cast<Wide>(rows) * static_cast<Wide>(columns) * sizeof(float) != bytes)
        bad(file, "the .npy file does not hold what its header says");
    Matrix matrix(rows, columns);
    if (!in.read(reinterpret_cast<char *>(matrix.data()), static_cast<std::streamsize>(bytes)))
        bad(file, "the .npy file is cut off");
    return matrix;
}

} // namespace apiary::run
