#pragma once

#include "data/dataset.h"

#include <QFile>
#include <QTemporaryDir>
#include <stdexcept>

namespace apiary::tests {

/// A small dataset in a folder that goes with it.
class DatasetFiles {
public:
    static constexpr const char *plainItems = "item_id,title,genre\n"
                                              "a,Alpha,Drama\n"
                                              "b,Beta,\n"
                                              "c,Gamma,Comedy\n";
    static constexpr const char *plainInteractions = "user_id,item_id,rating,timestamp\n"
                                                     "u1,a,5,10\n"
                                                     "u1,b,4,20\n"
                                                     "u2,c,4.5,30\n"
                                                     "u2,a,1,40\n";

    explicit DatasetFiles(const QByteArray &interactions = plainInteractions, const QByteArray &items = plainItems)
    {
        source.name = "small";
        source.interactions = write("inter.csv", interactions);
        source.items = write("items.csv", items);
        source.ratingColumn = "rating";
        source.timestampColumn = "timestamp";
        source.textTemplate = "{title}. Genre: {genre}";
        filter.minUserInteractions = 1;
    }

    std::string write(const QString &name, const QByteArray &bytes) const
    {
        QFile file(folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            throw std::runtime_error("the temporary folder cannot be written");
        return file.fileName().toStdString();
    }

    data::Dataset load() const { return data::loadDataset(source, filter); }

    QTemporaryDir folder;
    data::DatasetSource source;
    data::DatasetFilter filter;
};

inline std::vector<std::string> rowOf(const data::Dataset &dataset, std::int64_t user)
{
    std::vector<std::string> items;
    for (const std::int32_t item : dataset.interactions.csr.view().row(user))
        items.push_back(dataset.interactions.items[static_cast<std::size_t>(item)]);
    return items;
}

} // namespace apiary::tests
