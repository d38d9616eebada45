#pragma once

#include <QJsonDocument>
#include <QJsonObject>
#include <QList>
#include <QProcess>
#include <QString>
#include <QStringList>

namespace apiary::tests {

constexpr int patience = 60000; ///< milliseconds

/// What a call of apiary-cli came to.
struct Answer {
    int code = -1;
    QString out;
    QString err;
    QList<QJsonObject> json() const
    {
        QList<QJsonObject> lines;
        for (const QString &line : out.split('\n', Qt::SkipEmptyParts))
            lines << QJsonDocument::fromJson(line.toUtf8()).object();
        return lines;
    }
};

/// Calls apiary-cli to its end.
inline Answer call(const QStringList &arguments, const QByteArray &input = {})
{
    QProcess process;
    process.start(APIARY_CLI, arguments);
    process.write(input);
    process.closeWriteChannel();
    Answer answer;
    if (!process.waitForFinished(patience))
        return answer;
    answer.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    answer.out = QString::fromUtf8(process.readAllStandardOutput());
    answer.err = QString::fromUtf8(process.readAllStandardError());
    return answer;
}

} // namespace apiary::tests
