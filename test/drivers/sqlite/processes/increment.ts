import { openDatabase, write } from '#shared/drivers/sqlite/database.ts';

// One of several processes that count in one row, each step read and written apart: FILE STEPS.
const database = await openDatabase(process.argv[2]);
for (let step = 0; step < Number(process.argv[3]); step++) {
  await write(database, () => {
    const row = database.prepare('SELECT n FROM counter').get();
    database.prepare('UPDATE counter SET n = ?').run(Number(row?.n) + 1);
  });
}
database.close();
