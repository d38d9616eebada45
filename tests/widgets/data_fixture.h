#pragma once

#include "data/stored_dataset.h"
#include "widgets/shell/project_model.h"

#include <QString>
#include <QTemporaryDir>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace apiary::tests {

/// A project and small files to import: 40 users with 6 of 30 items each, texts with HTML, a refusal and an empty one, and
/// two rows that cannot be used.
class DataFixture {
public:
    static constexpr int itemCount = 30;
    static constexpr int userCount = 40;
    static constexpr int perUser = 6;

    DataFixture()
    {
        std::string items = "item_id;title;description\n";
        for (int i = 0; i < itemCount; ++i)
            items += std::to_string(i) + ";Film " + std::to_string(i) + ";\"" + description(i) + "\"\n";
        write("items.csv", items);
        std::string ratings = "user_id,item_id,rating,timestamp\n";
        for (int user = 0; user < userCount; ++user)
            for (int k = 0; k < perUser; ++k)
                ratings += "u" + std::to_string(user) + "," + std::to_string((user + 5 * k) % itemCount) + "," +
                           std::to_string(k == 0 ? 2 : 5) + "," + std::to_string(1'000'000'000 + user) + "\n";
        ratings += "u1,3,five,1000000000\n"; // line 242: no number
        ratings += "u1,4\n";                 // line 243: two fields
        write("ratings.csv", ratings);
        session.open(folder() / "project");
    }

    /// To import the files as a dataset.
    data::ImportSpec spec(const std::string &name, double minRating = 4) const
    {
        data::ImportSpec spec;
        spec.name = name;
        spec.interactions.file = folder() / "ratings.csv";
        spec.items.file = folder() / "items.csv";
        spec.filter.minRating = minRating;
        return spec;
    }

    /// Imports the files as a dataset of the project, without the window; its hash.
    std::string import(const std::string &name, double minRating = 4) const { return import(spec(name, minRating)); }
    std::string import(const data::ImportSpec &spec) const
    {
        const data::Imported imported = data::importDataset(spec);
        store::Project &project = session.project();
        data::writeDataset(imported, project.datasetStaging());
        return project.publishDataset({spec.name, imported.dataset.hash, "[]"}, false).hash;
    }

    static std::string description(int item)
    {
        if (item == 3)
            return "I cannot provide a description of this film, as I am a language model.";
        if (item == 7)
            return {};
        return "About &amp; around <b>number</b> " + std::to_string(item) + " of a long series of films.";
    }

    std::filesystem::path folder() const { return m_folder.path().toStdString(); }
    QString path(const char *name) const { return m_folder.filePath(QLatin1String(name)); }
    void write(const char *name, const std::string &text) const
    {
        std::ofstream(folder() / name, std::ios::binary) << text;
    }

private:
    QTemporaryDir m_folder;

public:
    widgets::ProjectSession session;
};

} // namespace apiary::tests
