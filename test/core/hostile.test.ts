import { runCommands } from './hostile';

/** As a shell reads them; what they name is the mark of hostile texts. */
test.each([
  'aws s3 ls; : > HOSTILE',
  'aws s3 ls "$(: > HOSTILE)"',
  'aws s3 ls `: > HOSTILE`',
  'aws s3 ls &&\n: > HOSTILE',
  "aws s3 ls 'a' HOSTILE'",
])('a command that obeys a text is found: %j', (command) => {
  expect(runCommands([command])).toEqual({ ran: 1, obeyed: [command] });
});

test('a command that only holds a text is not', () => {
  const commands = ["aws s3 ls '; : > HOSTILE'", "aws s3 ls ''\\''$(: > HOSTILE)' '`: > HOSTILE`'"];
  expect(runCommands([...commands, 'aws s3 ls'])).toEqual({ ran: 2, obeyed: [] });
});
