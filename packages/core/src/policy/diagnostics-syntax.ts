import { error } from './diagnostic-entry.ts'

/** Faults of files and of YAML, and of values whatever they stand for. */
export const SYNTAX_DIAGNOSTICS = {
  'folder.unreadable': error(
    'The policy folder cannot be read: {problem}.',
    'Without a policy nothing is allowed, and nothing would say so.',
    'Name an existing folder that this process may read.',
  ),
  'folder.empty': error(
    'There is no policy document here.',
    'Without a policy nothing is allowed, and nothing would say so.',
    'Put a *.yaml file that begins with `balustrade: 1` into the folder.',
  ),
  'folder.too_many': error(
    'The folder holds more than {most} files.',
    'Reading is bounded, so that a wrong folder is noticed and does not fill memory.',
    'Name the folder of the policy itself.',
  ),
  'folder.link': error(
    '{path} is a link that leads out of the policy folder.',
    'What is enforced would depend on files that a review of the folder does not show.',
    'Copy the file into the folder.',
  ),
  'file.stray': error(
    '{path} is a policy document in a place where none is read.',
    'Its rules would not be enforced.',
    'Move it to the top of the policy folder; `environments/` holds overlays only.',
  ),
  'file.unreadable': error(
    '{path} cannot be read: {problem}.',
    'A document that is left out can hold the guardrail that matters.',
    'Make it a readable UTF-8 text, or move it out of the folder.',
  ),
  'file.too_large': error(
    'The document has more than {most} characters.',
    'Reading is bounded, so that a document cannot exhaust memory.',
    'Split it; blocks may stand in any number of files.',
  ),
  'file.empty': error(
    'The document is empty.',
    'An empty file is more often a lost one than a wish.',
    'Begin with `balustrade: 1`, or remove the file.',
  ),
  'file.not_a_map': error(
    'A policy document is a map of blocks.',
    'Nothing else has a meaning here.',
    'Begin with `balustrade: 1`, then `grants:`, `guardrails:` and so on.',
  ),
  'version.missing': error(
    'The document does not begin with `balustrade: 1`.',
    'The first line says by which version of the language the rest is read.',
    'Make `balustrade: 1` the first line.',
  ),
  'version.not_first': error(
    '`balustrade: 1` is not the first key.',
    'The first line says by which version of the language the rest is read.',
    'Move it to the top.',
  ),
  'version.unknown': error(
    'This version of the language is not known.',
    'Rules read by another version could mean something else.',
    'Write `balustrade: 1`.',
  ),
  'yaml.syntax': error('The YAML cannot be read: {problem}.', 'A document is used whole or not at all.', 'Mend the line shown.'),
  'yaml.unclosed': error(
    '{text} is opened here and not closed.',
    'What follows is read as part of it.',
    'Close it where it should end.',
  ),
  'yaml.braces': error(
    '{text} opens a map within a flow map.',
    'In `{ … }` YAML takes braces for the begin of a map; and parameters of a path are written with `$` here.',
    'Write: {mended}',
  ),
  'yaml.leading_star': error(
    '{text} is not quoted, so YAML takes it for an alias.',
    'Aliases are refused: what a rule says must stand where the rule stands.',
    'Write: {mended}',
  ),
  'yaml.expression': error(
    'The expression is not quoted, so YAML may read it as something else.',
    'Question marks, exclamation marks, colons, # and & have a meaning of their own in YAML.',
    'Write: {mended} (or the expression on the lines below `if: |`).',
  ),
  'yaml.anchor': error(
    'Anchors are refused.',
    'What a rule says must stand where the rule stands, so that a review of the line is a review of the rule.',
    'Write the value out, or give conditions a name in the block `conditions` and `use` it.',
  ),
  'yaml.tag': error(
    'The tag {tag} is refused.',
    'Tags change how a value is read.',
    'Remove it, or quote the value when text was meant.',
  ),
  'yaml.merge_key': error(
    'The merge key `<<` is refused.',
    'What a rule says must stand where the rule stands.',
    'Write the keys out.',
  ),
  'yaml.duplicate_key': error(
    "The key '{key}' stands twice in this map, first in line {line}.",
    'Readers of YAML keep one of the two without a word.',
    'Remove one of them.',
  ),
  'yaml.several_documents': error(
    'The file holds several documents.',
    'One file is one document.',
    'Put each document into its own file.',
  ),
  'yaml.key_not_text': error('A key is not text.', 'Keys are names.', 'Write a plain name, or quote it.'),
  'yaml.directive': error('Directives (`%…`) are refused.', 'They change how the document is read.', 'Remove the line.'),
  'yaml.too_deep': error('Values are nested more than {most} deep.', 'Reading is bounded.', 'Give parts a name in `conditions`.'),
  'value.empty': error(
    'The value is empty ({found}).',
    'An empty condition or list could be read as everything or as nothing.',
    'Write what is meant, or remove the key.',
  ),
  'value.type': error(
    '{wanted} is expected here, not {found}.',
    'A value of another type has no meaning here.',
    'Write {wanted}.',
  ),
  'value.form': error('{found} is not {wanted}.', 'The value has a fixed form.', 'Write {wanted}.'),
  'value.choice': error('{found} is none of {values}.', 'The value is one of a closed list.', 'Write one of {values}.'),
  'value.too_long': error(
    'The duration is longer than {most}.',
    'There is a longest life for what this bounds.',
    'Write at most {most}.',
  ),
  'value.number': error(
    'The number cannot be kept exactly.',
    'A number beyond 2^53, or none at all, would be rounded without a word.',
    'Write it in quotes when it is an id.',
  ),
  'value.text': error(
    'The text holds a character that cannot be kept.',
    'NUL and halves of surrogate pairs have no UTF-8.',
    'Remove the character.',
  ),
  'key.unknown': error(
    "'{key}' is no key of {of}.",
    'A misspelt key would switch off what it was meant to say.',
    'Remove it, or begin it with `x-` if it is a note of your own.',
  ),
  'key.missing': error("'{key}' is missing in {of}.", 'Nothing that matters is assumed when it is left out.', "Add '{key}'."),
} as const
