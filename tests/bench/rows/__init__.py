# SPDX-License-Identifier: Apache-2.0
"""The rows of the table, a module for each thing that is measured."""
