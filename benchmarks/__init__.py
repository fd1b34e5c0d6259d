"""What is claimed, measured: `python -m benchmarks NAME [--data DIR] [--split S] [--json FILE]`.

Every module of this package whose name has no leading underscore is a benchmark: its docstring's first line says what
it measures, and its `main(arguments)` runs it.
"""
