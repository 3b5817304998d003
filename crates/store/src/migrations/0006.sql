-- What tells what was seen from another one of its name: a container's id.
ALTER TABLE sighting ADD COLUMN identity TEXT;
