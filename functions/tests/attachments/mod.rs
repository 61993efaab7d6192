mod download_url;
mod inspect;
mod upload_url;
