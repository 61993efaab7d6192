mod download_url;
mod upload_url;
