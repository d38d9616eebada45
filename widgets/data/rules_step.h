#pragma once

#include "data/import_spec.h"

#include <QStringList>
#include <QWidget>
#include <functional>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QSpinBox;

namespace apiary::widgets {

/// The fourth step of an import: name, and which interactions stay.
class RulesStep : public QWidget {
    Q_OBJECT
public:
    explicit RulesStep(QWidget *parent = nullptr);

    /// Which columns there are, and the first row's time, for the example.
    void setColumns(bool rating, bool time, const std::string &firstTime);
    /// Names that are taken in the project.
    void setTaken(const QStringList &names);
    void suggestName(const QString &name); ///< shown until one is written by hand
    /// Takes over what a recipe or another import says, its name as if it were written by hand.
    void setChoices(const data::ImportSpec &spec);
    /// The files are others: that name may give way to a suggestion.
    void forgetChoices();
    /// Writes name, filter, time unit and what bad rows mean.
    void apply(data::ImportSpec &spec) const;
    bool replaces() const; ///< a dataset of that name that is there
    /// What stands against importing; empty where nothing does.
    QString problem() const;
    /// Says how many runs were made from a dataset of that name.
    void setUses(std::function<qint64(const QString &)> uses) { m_uses = std::move(uses); }
    QString warning() const; ///< what is lost with the dataset that is replaced; empty where nothing is

    QLineEdit *name() const { return m_name; }
    QCheckBox *replace() const { return m_replace; }
    QCheckBox *rated() const { return m_rated; }
    QDoubleSpinBox *minRating() const { return m_minRating; }
    QSpinBox *minUser() const { return m_minUser; }
    QSpinBox *minItem() const { return m_minItem; }
    QCheckBox *kCore() const { return m_kCore; }
    QComboBox *duplicates() const { return m_duplicates; }
    QComboBox *timeUnit() const { return m_timeUnit; }
    QDoubleSpinBox *badShare() const { return m_badShare; }
    QCheckBox *strict() const { return m_strict; }
    QString timeExample() const;

Q_SIGNALS:
    void changed();

private:
    void update();

    QStringList m_taken;
    std::function<qint64(const QString &)> m_uses;
    QString m_suggested;
    QString m_given;
    std::string m_firstTime;
    bool m_hasRating = false;
    bool m_hasTime = false;
    QLineEdit *m_name;
    QLabel *m_nameNote;
    QCheckBox *m_replace;
    QCheckBox *m_rated;
    QDoubleSpinBox *m_minRating;
    QComboBox *m_duplicates;
    QSpinBox *m_minItem;
    QSpinBox *m_minUser;
    QCheckBox *m_kCore;
    QComboBox *m_timeUnit;
    QLabel *m_timeNote;
    QDoubleSpinBox *m_badShare;
    QCheckBox *m_strict;
};

} // namespace apiary::widgets
