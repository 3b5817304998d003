-- Where a session stops for a room that waits: the position of the first step that is not to be graded yet.
ALTER TABLE session ADD COLUMN pause INTEGER;
-- When an exam ends; NULL where it is none.
ALTER TABLE session ADD COLUMN exam INTEGER;
