#include "cli/import_report.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <utility>

namespace apiary::cli {

namespace {

using Json = nlohmann::ordered_json;

Json previewJson(const data::Preview &preview)
{
    Json columns = Json::array();
    for (std::size_t i = 0; i < preview.columns.size(); ++i)
        columns.push_back({{"name", preview.columns[i]}, {"role", data::nameOf(preview.roles[i])}});
    Json bad = Json::array();
    for (const data::BadRow &row : preview.bad)
        bad.push_back({{"line", row.line}, {"column", row.column}, {"reason", row.reason}});
    return {{"kind", data::nameOf(preview.format.kind)},
            {"encoding", data::nameOf(preview.format.encoding)},
            {"delimiter", preview.format.delimiter},
            {"columns", columns},
            {"rows", preview.rows},
            {"lines", preview.lines},
            {"bad", bad}};
}

/// A cell in one line, cut where it is long.
std::string cell(std::string text)
{
    constexpr std::size_t most = 40;
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::size_t size = std::min(text.size(), most);
    while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
        --size;
    return size < text.size() ? text.substr(0, size) + "…" : text;
}

/// "delimited, utf-8, delimiter tab"
std::string formatText(const data::TableFormat &format)
{
    std::string text = data::nameOf(format.kind);
    if (format.kind == data::FileKind::Delimited || format.kind == data::FileKind::JsonLines)
        text += ", " + data::nameOf(format.encoding);
    if (format.kind == data::FileKind::Delimited)
        text += ", delimiter " + (format.delimiter == "\t" ? "tab" : format.delimiter);
    return text;
}

void print(const std::string &title, const std::filesystem::path &file, const data::Preview &preview)
{
    std::cout << title << ": " << file.string() << " (" << formatText(preview.format) << ")\n";
    for (std::size_t i = 0; i < preview.columns.size(); ++i) {
        const std::string role = data::nameOf(preview.roles[i]);
        std::cout << "  " << preview.columns[i] << (role.empty() ? "" : " [" + role + "]") << ":";
        for (const auto &row : preview.rows)
            std::cout << "  " << cell(row[i]);
        std::cout << "\n";
    }
    for (const data::BadRow &row : preview.bad)
        std::cout << "  line " << row.line << (row.column.empty() ? "" : ", column " + row.column) << " " << row.reason
                  << "\n";
    std::cout << "\n";
}

} // namespace

void printPreview(const data::ImportSpec &spec, int rows, const Context &context)
{
    const data::Preview interactions =
        data::previewTable(spec.interactions.file, spec.interactions.format, rows, context.stop);
    const data::Preview items = data::previewTable(spec.items.file, spec.items.format, rows, context.stop);
    const data::ItemsPreview joined = data::previewItems(spec.items, rows, 20000, context.stop);
    std::vector<std::string> texts;
    for (const auto &row : joined.rows)
        texts.push_back(data::composeText(spec.items.textTemplate, spec.items.cleaning, joined.columns, row));
    if (context.json) {
        Json json{{"interactions", previewJson(interactions)}, {"items", previewJson(items)}};
        if (!spec.items.descriptions.empty())
            json["descriptions"] = previewJson(
                data::previewTable(spec.items.descriptions, spec.items.descriptionsFormat, rows, context.stop));
        json["texts"] = texts;
        json["import"] = data::toJson(spec);
        printJson(json);
        return;
    }
    const auto print = [](const char *title, const std::filesystem::path &file, data::Preview preview) {
        constexpr std::size_t mostShown = 4;
        preview.rows.resize(std::min(preview.rows.size(), mostShown));
        cli::print(title, file, preview);
    };
    print("interactions", spec.interactions.file, interactions);
    print("items", spec.items.file, items);
    std::cout << "texts by " << spec.items.textTemplate << "\n";
    for (const std::string &text : texts)
        std::cout << "  " << (text.empty() ? "(empty)" : text) << "\n";
}

void printImported(const data::Imported &imported, const std::filesystem::path &folder)
{
    const data::ImportSpec &spec = imported.spec;
    for (const auto &[file, format] : {std::pair{&spec.interactions.file, &spec.interactions.format},
                                       std::pair{&spec.items.file, &spec.items.format},
                                       std::pair{&spec.items.descriptions, &spec.items.descriptionsFormat}})
        if (!file->empty())
            std::cout << "read: " << file->filename().string() << " (" << formatText(*format) << ")\n";
    std::cout << std::flush;
    std::printf("%-36s %12s %12s %14s\n", "", "users", "items", "interactions");
    for (const data::FilterCount &count : imported.dataset.counts)
        std::printf("%-36s %12lld %12lld %14lld\n", count.step.c_str(), static_cast<long long>(count.users),
                    static_cast<long long>(count.items), static_cast<long long>(count.interactions));
    std::fflush(stdout);
    for (const std::string &warning : imported.dataset.warnings)
        std::cout << "note: " << warning << "\n";
    for (const auto &[reason, rows] : imported.report.badReasons)
        std::cout << "left out: " << rows << (rows == 1 ? " row: " : " rows: ") << reason << "\n";
    if (!imported.report.bad.empty())
        std::cout << "  the first is " << imported.report.bad.front().file << ", line "
                  << imported.report.bad.front().line << "; "
                  << (imported.report.badTotal > static_cast<std::int64_t>(imported.report.bad.size())
                          ? "the first " + std::to_string(imported.report.bad.size()) + " are in bad_rows.csv\n"
                          : "all are in bad_rows.csv\n");
    if (!imported.report.review.empty())
        std::cout << "to look at: " << imported.report.review.size()
                  << (imported.report.review.size() == 1 ? " item" : " items") << " in review.csv\n";
    std::cout << "name: " << imported.dataset.name << "\nhash: " << imported.dataset.hash
              << "\nfolder: " << folder.string() << "\n";
}

nlohmann::ordered_json toJson(const data::Recipe &recipe)
{
    Json files = Json::array();
    for (const data::RecipeFile &file : recipe.files)
        files.push_back({{"file", file.file},
                         {"url", file.url},
                         {"bytes", file.bytes < 0 ? Json() : Json(file.bytes)},
                         {"sha256", file.sha256.empty() ? Json() : Json(file.sha256)}});
    return {{"name", recipe.name},       {"title", recipe.title},       {"about", recipe.about}, {"home", recipe.home},
            {"licence", recipe.licence}, {"citation", recipe.citation}, {"files", files}};
}

} // namespace apiary::cli
