#pragma once

#include "widgets/compare/compare_page.h"
#include "widgets/shell/project_model.h"

#include <QTableView>
#include <QTest>

#include <cstdint>
#include <filesystem>

#define WAIT_FOR_COMPARISON(page) QTRY_VERIFY((page).shown() && !(page).busy())

namespace apiary::widgets {

/// The Compare page on a run of a project, shown and, where it is ready, with its comparison.
struct OpenComparison {
    ProjectSession project;
    ComparePage page{&project};
    bool ready = false;

    OpenComparison(const std::filesystem::path &folder, std::int64_t run, QSize size = {1600, 800})
    {
        project.open(folder);
        project.setCurrentRun(run);
        page.resize(size);
        page.show();
        ready = QTest::qWaitFor([this] { return page.shown() && !page.busy(); });
    }
    const QAbstractItemModel *matrix() const { return page.matrix()->model(); }
    /// The matrix' row of a label; -1 where there is none.
    int rowOf(const QString &label) const
    {
        for (int row = 0; row < matrix()->rowCount(); ++row)
            if (matrix()->index(row, 0).data().toString() == label)
                return row;
        return -1;
    }
};

/// Opens `folder.first` as `view`, and its page as `page`.
#define OPEN_COMPARISON(...)                                                                                           \
    OpenComparison view(__VA_ARGS__);                                                                                  \
    ComparePage &page = view.page;                                                                                     \
    QVERIFY(view.ready)

} // namespace apiary::widgets
