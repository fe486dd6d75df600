-- By which rule row a firm was left alone that week. Rows of the forms before do not say.

ALTER TABLE weekly_exempt ADD COLUMN rule TEXT;
