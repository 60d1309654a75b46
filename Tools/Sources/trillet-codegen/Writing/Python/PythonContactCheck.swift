/// bindings/python/src/trillet/_contacts/check.py: the options of a check of a contact file.
struct PythonContactCheck: Writer {
    let path = "bindings/python/src/trillet/_contacts/check.py"

    /// The file is given by position and can be an open one.
    private static let file = "file"

    private static let fileType =
        "str | bytes | os.PathLike[str] | os.PathLike[bytes] | IO[str] | IO[bytes]"

    private let options: [PythonOption]
    /// Those that name what the check writes.
    private let outputs: [PythonOption]

    init(_ description: Description) {
        let all = description.library.checkOptions
        let others = all.filter { $0.name != PythonContactCheck.file }
        options = others.map { PythonOption($0, among: all) }
        outputs = others.filter(\.isPath).map { PythonOption($0, among: all) }
    }

    func text() -> String {
        """
        # \(generatedMark)
        \"""The check of a contact file, with the options that the library has for it.\"""

        from __future__ import annotations

        from .checking import checked

        TYPE_CHECKING = False
        if TYPE_CHECKING:
            import os
            from collections.abc import Sequence
            from typing import IO

            from .._model.frames import Frame
            from .._model.report import CsvReport

        # The options that name what the check writes.
        OUTPUTS = (\(outputs.map(\.key).joined(separator: ", ")))


        def check_csv(
            file: \(PythonContactCheck.fileType) | None = None,
            *,
            csv: str | bytes | Frame | None = None,
        \(options.map { "    \($0.name): \($0.type) | None = None," }.joined(separator: "\n"))
            sheet: str | None = None,
        ) -> CsvReport:
            \"""Checks a contact file, without a client or a network.

                report = trillet.check_csv("contacts.csv", prompt="Greet {first_name}.")
                if not report.valid:
                    print(report)

            Args:
                file: The path of the file, or a file that is open for reading. Excel workbooks
                    (``.xlsx``) need openpyxl (``trillet[excel]``).
                csv: The text of the file, instead of `file`; or a data frame of pandas or polars.
        \(PythonOption.documentation(options, indentation: "        "))
                sheet: The sheet of a workbook. Default: the one that has the column of numbers.

            Returns:
                The report, also for a file with bad rows.

            Raises:
                InvalidArgumentError: There is no file to check. ``field`` is ``"file"`` if it
                    cannot be read. ``code`` is ``"empty"``, ``"encoding"``, ``"delimiter"``,
                    ``"header"`` or ``"quote"`` if the service would not accept such text,
                    ``"formula"`` if a formula of a workbook was never calculated. ``field`` is the
                    option at fault, such as an output that is the file itself.
                LibraryError: The native library cannot be used.
            \"""
            options = {
        \(options.map { "        \($0.key): \($0.name)," }.joined(separator: "\n"))
            }
            return checked(file, csv, sheet, options, OUTPUTS)

        """
    }
}
