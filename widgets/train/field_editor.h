#pragma once

#include "run/run_spec.h"

#include <QAbstractSpinBox>
#include <QString>
#include <QWidget>
#include <exception>
#include <nlohmann/json.hpp>

class QLabel;
class QToolButton;

namespace apiary::widgets {

/// A number of any size: right-aligned, the locale of the C language, steps by arrow keys that suit the size of the value
/// (a small learning rate moves by a tenth of itself).
class NumberBox : public QAbstractSpinBox {
    Q_OBJECT
public:
    NumberBox(bool whole, double minimum, double maximum, QWidget *parent = nullptr);
    double value() const;
    void setValue(double value); ///< emits nothing
    QSize sizeHint() const override;
    QValidator::State validate(QString &text, int &position) const override;
    void stepBy(int steps) override;
    static QString text(double value);

Q_SIGNALS:
    void edited();

protected:
    StepEnabled stepEnabled() const override;
    void wheelEvent(QWheelEvent *event) override; ///< only with focus: scrolling the form changes nothing

private:
    bool inBounds(double value) const;
    bool m_whole;
    double m_minimum;
    double m_maximum; ///< equal to the minimum: unbounded
};

/// Edits the value of one field of a RunSpec, as its FieldInfo says: a text, a path with a picker, a number, a choice, a
/// tick box.
class FieldEditor : public QWidget {
    Q_OBJECT
public:
    explicit FieldEditor(const run::FieldInfo &field, QWidget *parent = nullptr);
    const run::FieldInfo &field() const { return m_field; }
    nlohmann::ordered_json value() const;
    void setValue(const nlohmann::ordered_json &value); ///< emits nothing
    QString unit() const;
    void setUnit(const QString &unit); ///< another than the field's, where it depends on other fields
    QWidget *input() const { return m_editor; }
    /// Marks the field as the cause of a failure, or not.
    void setFailed(bool failed);

Q_SIGNALS:
    void edited();

private:
    void browse();
    bool isFolder() const;
    bool isPath() const;
    QToolButton *makeRecommenderButton();
    double scale() const; ///< bytes are shown as MiB

    run::FieldInfo m_field;
    QWidget *m_editor = nullptr;
    QLabel *m_unit = nullptr;       ///< null for texts
    nlohmann::ordered_json m_given; ///< returned as it came while the shown text is what it gave
    QString m_givenText;
};

/// Path of the field that a failure is about: of the one whose path its place is or begins with; empty without one.
std::string settingOf(const std::exception &error);
/// A failure in the user's words: a setting that it is about is called by its label, and where one is missing it says where
/// to choose it.
QString describeSetting(const std::exception &error);

} // namespace apiary::widgets
