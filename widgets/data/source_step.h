#pragma once

#include "data/import_spec.h"

#include <QWidget>

class QTabWidget;

namespace apiary::widgets {

class FileRow;
class RecipePanel;
class TablePreview;

/// The first step of an import: files of the user's own, or a known dataset.
class SourceStep : public QWidget {
    Q_OBJECT
public:
    explicit SourceStep(QWidget *parent = nullptr);

    FileRow *interactions() const { return m_interactions; }
    FileRow *items() const { return m_items; }
    FileRow *descriptions() const { return m_descriptions; }
    RecipePanel *recipes() const { return m_recipes; }
    void showRecipes(bool shown);
    bool recipesShown() const;
    /// Says below a row what its preview found.
    static void tell(FileRow *row, const TablePreview &preview);

Q_SIGNALS:
    void tabChanged();

private:
    QWidget *makeFiles();

    QTabWidget *m_tabs;
    FileRow *m_interactions = nullptr;
    FileRow *m_items = nullptr;
    FileRow *m_descriptions = nullptr;
    RecipePanel *m_recipes = nullptr;
};

} // namespace apiary::widgets
